import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer } from "effect"
import { AgentId, CreditEventId, PaymentAttemptId, QuoteId, ReceiptId, ReversalId } from "../../kernel/Ids.ts"
import { Credits } from "../../kernel/Money.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import type {
  CreditQuote,
  PaymentAttempt,
  PaymentReceipt,
  ProviderEvent,
  Reversal
} from "../../ledger/PaymentRecords.ts"
import { PaymentStore } from "../../ledger/PaymentStore.ts"
import { allPages } from "./allPages.ts"
import { numbers, organization, otherOrganization } from "./samples.ts"

const agent = AgentId.make("agt_one")
const attemptId = (name: string | number) => PaymentAttemptId.make(`payatt_${name}`)

const sampleQuote = (name: string | number, changes: Partial<CreditQuote> = {}): CreditQuote => ({
  id: QuoteId.make(`quote_${name}`),
  organizationId: organization,
  agentId: agent,
  credits: Credits.make(500),
  amountCents: 500,
  currency: "USD",
  packId: "starter-500",
  rail: "fake",
  idempotencyKey: `key_${name}`,
  createdAt: 1_000,
  expiresAt: 2_000,
  isConsumed: false,
  ...changes
})

const sampleAttempt = (name: string | number, changes: Partial<PaymentAttempt> = {}): PaymentAttempt => ({
  id: attemptId(name),
  quoteId: QuoteId.make("quote_1"),
  organizationId: organization,
  agentId: agent,
  rail: "fake",
  isLive: false,
  idempotencyKey: `key_${name}`,
  amountCents: 500,
  state: "created",
  sessionId: null,
  paymentId: null,
  url: null,
  createdAt: 1_000,
  expiresAt: 2_000,
  lookAt: null,
  ...changes
})

const sampleEvent = (name: string | number, changes: Partial<ProviderEvent> = {}): ProviderEvent => ({
  rail: "fake",
  attemptId: null,
  outcome: "waiting",
  problem: null,
  receivedAt: 1_000,
  event: {
    kind: "refund",
    eventId: `evt_${name}`,
    attemptId: null,
    sessionId: null,
    paymentId: "pi_1",
    amountCents: 100,
    currency: "usd",
    refundId: "re_1",
    isDead: false,
    madeAt: 1,
    at: 1
  },
  ...changes
})

const sampleReceipt = (name: string, of: PaymentAttempt): PaymentReceipt => ({
  id: ReceiptId.make(`receipt_${name}`),
  creditEventId: CreditEventId.make(`credit_event_${name}`),
  attemptId: of.id,
  quoteId: of.quoteId,
  organizationId: of.organizationId,
  credits: Credits.make(500),
  amountCents: 500,
  rail: "fake",
  isLive: false,
  balanceAfter: Credits.make(500),
  createdAt: 1_000
})

const sampleReversal = (name: string | number, changes: Partial<Reversal> = {}): Reversal => ({
  id: ReversalId.make(`payment_reversal_${name}`),
  creditEventId: CreditEventId.make(`credit_event_${name}`),
  organizationId: organization,
  attemptId: attemptId(1),
  kind: "refund",
  reference: "re_1",
  amountCents: 100,
  reinstatedCents: 0,
  countedCents: 100,
  createdAt: 1_000,
  ...changes
})

/** What every `PaymentStore` promises. */
export const paymentStoreSuite = <E>(name: string, layer: Layer.Layer<PaymentStore | Transaction, E>) =>
  describe(`PaymentStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, PaymentStore | Transaction>) => Effect.provide(effect, layer)

    it.effect("keeps a quote for the first that uses a key, and for its organization only", () =>
      run(
        Effect.gen(function* () {
          const store = yield* PaymentStore
          const answers = yield* Effect.forEach(
            numbers(5),
            (one) => store.addQuote(sampleQuote(one, { idempotencyKey: "same" })),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(answers.filter(Boolean).length, 1)
          const other = sampleQuote("other", { agentId: AgentId.make("agt_two"), idempotencyKey: "same" })
          assert.isTrue(yield* store.addQuote(other))
          assertSome(yield* store.quoteByKey(organization, other.agentId, "same"), other)
          assertSome(yield* store.quote(organization, other.id), other)
          assertNone(yield* store.quote(otherOrganization, other.id))
          const consumed = { ...other, isConsumed: true }
          yield* (yield* Transaction).run(
            Effect.zipRight(store.lockQuote(organization, other.id), store.saveQuote(consumed))
          )
          assertSome(yield* store.lockQuote(organization, other.id), consumed)
          assertNone(yield* store.lockQuote(otherOrganization, other.id))
        })
      )
    )

    it.effect("finds an attempt by each of its names, and by nobody else's", () =>
      run(
        Effect.gen(function* () {
          const store = yield* PaymentStore
          const first = sampleAttempt(1)
          assert.isTrue(yield* store.addAttempt(first))
          assert.isFalse(yield* store.addAttempt(sampleAttempt(2, { idempotencyKey: "key_1" })))
          const known = { ...first, sessionId: "cs_1", paymentId: "pi_1", url: "https://pay/#x", lookAt: 5 }
          yield* store.saveAttempt(known)
          assertSome(yield* store.attempt(first.id), known)
          assertSome(yield* store.lockAttempt(first.id), known)
          assertSome(yield* store.ownAttempt(organization, first.id), known)
          assertNone(yield* store.ownAttempt(otherOrganization, first.id))
          assertSome(yield* store.ownAttemptBySession(organization, "cs_1"), known)
          assertNone(yield* store.ownAttemptBySession(otherOrganization, "cs_1"))
          assertSome(yield* store.attemptBySession("fake", "cs_1"), known)
          assertNone(yield* store.attemptBySession("stripe_checkout", "cs_1"))
          assertSome(yield* store.attemptByPayment("fake", "pi_1"), known)
          assertNone(yield* store.attemptByPayment("fake", "pi_2"))
          assertSome(yield* store.attemptByKey(organization, "fake", "key_1"), known)
          assertNone(yield* store.attemptByKey(otherOrganization, "fake", "key_1"))
          yield* store.addAttempt(sampleAttempt(3))
          assert.deepStrictEqual(
            (yield* store.attemptsOf(organization, first.quoteId)).map(({ id }) => id),
            [attemptId(3), attemptId(1)]
          )
          assert.deepStrictEqual(yield* store.attemptsOf(otherOrganization, first.quoteId), [])
        })
      )
    )

    it.effect("lists what is due, the longest waiting first, and all of it by page", () =>
      run(
        Effect.gen(function* () {
          const store = yield* PaymentStore
          for (const one of numbers(5))
            yield* store.addAttempt(sampleAttempt(one, { lookAt: one === 5 ? null : 10 - one }))
          const due = yield* store.attemptsToLookAt(8, 2)
          assert.deepStrictEqual(
            due.map(({ id }) => id),
            [attemptId(4), attemptId(3)]
          )
          const all = yield* allPages(2, store.listAttempts)
          assert.deepStrictEqual(
            all.map(({ id }) => id),
            [5, 4, 3, 2, 1].map(attemptId)
          )
        })
      )
    )

    it.effect("keeps an event once, and moves it to its payment", () =>
      run(
        Effect.gen(function* () {
          const store = yield* PaymentStore
          const event = sampleEvent(1)
          const answers = yield* Effect.forEach(numbers(4), () => store.addEvent(event), { concurrency: "unbounded" })
          assert.strictEqual(answers.filter(Boolean).length, 1)
          assert.isTrue(yield* store.addEvent({ ...event, rail: "other" }))
          assert.deepStrictEqual(yield* store.waitingFor("fake", "pi_1"), [event])
          assert.strictEqual((yield* allPages(1, (query) => store.listEvents("waiting", query))).length, 2)
          yield* store.moveEvent(event, { attemptId: attemptId(1), outcome: "applied" })
          const moved = { ...event, attemptId: attemptId(1), outcome: "applied" } as const
          assert.deepStrictEqual(yield* store.waitingFor("fake", "pi_1"), [])
          assert.deepStrictEqual(yield* store.eventsOf(attemptId(1)), [moved])
          assertSome(yield* store.event("fake", "evt_1"), moved)
          assertNone(yield* store.event("fake", "evt_2"))
          assert.strictEqual((yield* store.listEvents("waiting", { limit: 9, cursor: null })).items.length, 1)
        })
      )
    )

    it.effect("finds what waits for a payment that is on record, and lets go of an event once", () =>
      run(
        Effect.gen(function* () {
          const store = yield* PaymentStore
          const of = (name: number, paymentId: string) => {
            const sample = sampleEvent(name)
            return { ...sample, event: { ...sample.event, paymentId } }
          }
          const events = [of(1, "pi_foreign"), of(2, "pi_own"), of(3, "pi_foreign")]
          for (const event of events) yield* store.addEvent(event)
          yield* store.addEvent({ ...of(4, "pi_own"), rail: "other" })
          assert.deepStrictEqual(yield* store.waitingFound(9), [])
          yield* store.addAttempt(sampleAttempt(1, { paymentId: "pi_own" }))
          assert.deepStrictEqual(yield* store.waitingFound(9), events.slice(1, 2))
          assert.deepStrictEqual(yield* store.waitingLongest(2), events.slice(0, 2))
          const first = of(1, "pi_foreign")
          const gone = { attemptId: null, outcome: "rejected", problem: "too old" } as const
          yield* store.moveEvent(first, gone)
          yield* store.moveEvent(first, { attemptId: attemptId(1), outcome: "applied" })
          assertSome(yield* store.event("fake", "evt_1"), { ...first, ...gone })
          assert.deepStrictEqual(yield* store.waitingLongest(2), events.slice(1))
        })
      )
    )

    it.effect("keeps receipts and reversals, and takes them back with their transaction", () =>
      run(
        Effect.gen(function* () {
          const store = yield* PaymentStore
          const receipt = sampleReceipt("1", sampleAttempt(1))
          yield* Effect.exit(
            (yield* Transaction).run(
              store
                .addReceipt(receipt)
                .pipe(
                  Effect.zipRight(store.saveReversal(sampleReversal(1))),
                  Effect.zipRight(store.addEvent(sampleEvent(1))),
                  Effect.zipRight(Effect.fail("no"))
                )
            )
          )
          assertNone(yield* store.receiptOf(receipt.attemptId))
          assert.deepStrictEqual(yield* store.reversalsOf(attemptId(1)), [])
          assert.isTrue(yield* store.addEvent(sampleEvent(1)))
          yield* store.addReceipt(receipt)
          assertSome(yield* store.receipt(organization, receipt.id), receipt)
          assertNone(yield* store.receipt(otherOrganization, receipt.id))
          yield* store.saveReversal(sampleReversal(1))
          yield* store.saveReversal(sampleReversal(2))
          const changed = sampleReversal(1, { reinstatedCents: 100, countedCents: 0 })
          yield* store.saveReversal(changed)
          assert.deepStrictEqual(yield* store.reversalsOf(attemptId(1)), [changed, sampleReversal(2)])
          assert.deepStrictEqual(yield* store.reversalsOfOrganization(organization), [sampleReversal(2), changed])
          assert.deepStrictEqual(yield* store.reversalsOfOrganization(otherOrganization), [])
        })
      )
    )
  })
