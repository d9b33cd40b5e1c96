import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, TestClock } from "effect"
import { ActivityLog } from "../../activity/ActivityLog.ts"
import { AgentStore } from "../../identity/AgentStore.ts"
import { type AgentId, type Ids, PaymentAttemptId } from "../../kernel/Ids.ts"
import { limits } from "../../kernel/Limits.ts"
import { Credits } from "../../kernel/Money.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { Ledger } from "../../ledger/Ledger.ts"
import type { LedgerStore } from "../../ledger/LedgerStore.ts"
import type { PaymentAttempt } from "../../ledger/PaymentRecords.ts"
import { PaymentStore } from "../../ledger/PaymentStore.ts"
import { PaymentSweep } from "../../ledger/PaymentSweep.ts"
import { Purchases } from "../../ledger/Purchases.ts"
import { Quotes } from "../../ledger/Quotes.ts"
import type { RailEvent } from "../../ledger/RailEvents.ts"
import { Settlement } from "../../ledger/Settlement.ts"
import { bookIssues, bought, buyer, eventWords, layerCreditHouse, netPurchased } from "../creditHouse.ts"
import {
  dispute,
  makePaperRail,
  type PaperRail,
  paid,
  paymentOf,
  refund,
  refundedTotal,
  stepped
} from "../paperRail.ts"
import { sampleAgent, sampleToken } from "./AgentStoreSuite.ts"
import { attemptId, numbers } from "./samples.ts"

type Stores = Transaction | AgentStore | LedgerStore | PaymentStore | ActivityLog | Ids
type House = Stores | Ledger | Quotes | Settlement | Purchases | PaymentSweep

const say = (...events: ReadonlyArray<RailEvent>) =>
  Effect.flatMap(Settlement, (settlement) => Effect.forEach(events, (event) => settlement.apply("paper", event)))

const outcomes = (...events: ReadonlyArray<RailEvent>) =>
  Effect.map(say(...events), (all) => all.map(({ outcome }) => outcome))

const balance = Effect.flatMap(Ledger, (ledger) => ledger.balance(buyer.organizationId)).pipe(
  Effect.map(({ free, owed, paid: bought }) => ({ free: Number(free), paid: Number(bought), owed: Number(owed) }))
)

const part = (amountCents: number, refundId = "re_1") => ({ amountCents, refundId, isDead: false, madeAt: 1 })
const argued = (change: "opened" | "withdrawn" | "reinstated" | "won" | "lost") => ({
  amountCents: 500,
  disputeId: "dp_1",
  change
})

/** Spends credits of the buyer: a hold that is settled whole. */
const spend = (name: string, amount: number) =>
  Effect.gen(function* () {
    const ledger = yield* Ledger
    const hold = yield* ledger.hold(buyer.organizationId, attemptId(name), Credits.make(amount), true)
    yield* ledger.settle(hold, Credits.make(amount))
  })

/** What moved credits: its words and how many. */
const movements = Effect.gen(function* () {
  const page = yield* (yield* ActivityLog).list(buyer.organizationId, { limit: 200, cursor: null, subject: null })
  return page.items
    .filter(({ type }) => /refunded|disputed|reinstated|reversal/.test(type))
    .map(({ details, status, type }) => [type.replace(/^credits\.payment_backed_/, ""), status, details?.["credits"]])
    .reverse()
})

const claimOf = (id: AgentId) =>
  Effect.flatMap(AgentStore, (agents) => Effect.map(agents.get(id), (found) => Option.getOrNull(found)?.claimState))

/** What payments come to, on any stores. */
export const creditsSuite = <E>(name: string, stores: Layer.Layer<Stores, E>) =>
  describe(`credits / ${name}`, () => {
    const house = <A, E2>(story: (paper: PaperRail) => Effect.Effect<A, E2, House>) =>
      Effect.suspend(() => {
        const paper = makePaperRail()
        return Effect.gen(function* () {
          yield* story(paper)
          assert.deepStrictEqual(yield* bookIssues, [])
        }).pipe(Effect.provide(Layer.provideMerge(layerCreditHouse([paper.rail]), stores)))
      })

    it.effect("are granted once, however often and by however many names a payment is told", () =>
      house(() =>
        Effect.gen(function* () {
          const attempt = yield* bought(500, "one")
          assert.deepInclude(yield* balance, { paid: 0 })
          const told = yield* Effect.forEach(["a", "a", "b", "c", "a", "d"], (id) => say(paid(attempt, id)), {
            concurrency: "unbounded"
          })
          assert.strictEqual(told.flat().filter(({ outcome }) => outcome === "replayed").length, 2)
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 500, owed: 0 })
          assert.deepStrictEqual(yield* eventWords(), [
            "payment.checkout_session.created requires_action",
            "granted succeeded"
          ])
          const { receipt, quote } = yield* (yield* Purchases).find(buyer.organizationId, {
            kind: "session",
            id: attempt.sessionId ?? ""
          })
          assert.strictEqual(receipt?.balanceAfter, 500)
          assert.isTrue(quote.isConsumed)
        })
      )
    )

    it.effect("are not sold at a quote that has expired: the answer quotes the same terms anew", () =>
      house(() =>
        Effect.gen(function* () {
          const quotes = yield* Quotes
          const purchases = yield* Purchases
          const terms = { credits: 137, packId: null, paymentMethod: "paper", idempotencyKey: "old" }
          const quote = yield* quotes.quote(buyer, terms)
          yield* TestClock.adjust(limits.quoteMillis)
          const refused = yield* Effect.flip(
            purchases.buy(
              buyer,
              { quoteId: quote.id, idempotencyKey: "late", provider: null },
              purchases.railOf("paper")?.purchaseEndpoint ?? ""
            )
          )
          assert.strictEqual(refused.code, "CREDIT_QUOTE_EXPIRED")
          assert.include(refused.recovery?.suggested_command, "--credits 137")
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 0, owed: 0 })
        })
      )
    )

    it.effect("come with a payment that is slow, or that follows an expiry", () =>
      house(() =>
        Effect.gen(function* () {
          const slow = yield* bought(100, "slow")
          yield* say(stepped("pending", slow, "a"), stepped("expired", slow, "b"), paid(slow, "c"))
          const failed = yield* bought(100, "failed")
          yield* say(stepped("pending", failed, "d"), stepped("failed", failed, "e"))
          const late = yield* bought(100, "late")
          yield* say(stepped("expired", late, "f"), paid(late, "g"), stepped("expired", late, "h"))
          const purchases = yield* Purchases
          const state = (attempt: PaymentAttempt) =>
            Effect.map(
              purchases.find(buyer.organizationId, { kind: "attempt", id: attempt.id }),
              (found) => found.attempt?.state
            )
          assert.deepStrictEqual(yield* Effect.forEach([slow, failed, late], state), [
            "succeeded",
            "failed",
            "succeeded"
          ])
          assert.strictEqual(yield* netPurchased, 200)
        })
      )
    )

    it.effect("go back with refunds, each of which counts once whether it is told as a total or as a part", () =>
      house(() =>
        Effect.gen(function* () {
          const attempt = yield* bought(500, "one")
          yield* say(
            paid(attempt, "a"),
            refund(attempt, "b", part(100), 1),
            refundedTotal(attempt, "c", 100, 1),
            refund(attempt, "d", part(100), 2),
            refundedTotal(attempt, "e", 300, 3),
            refund(attempt, "f", { ...part(200, "re_2"), madeAt: 3 }, 3),
            refundedTotal(attempt, "g", 100, 1)
          )
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 200, owed: 0 })
          yield* say(refund(attempt, "h", { ...part(200, "re_2"), madeAt: 3, isDead: true }, 4))
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 400, owed: 0 })
          assert.deepStrictEqual((yield* eventWords()).slice(2), [
            "refunded applied",
            "refunded applied",
            "reinstated reinstated"
          ])
        })
      )
    )

    it.effect("that went back before their payment was told wait for it", () =>
      house(() =>
        Effect.gen(function* () {
          const attempt = yield* bought(500, "one")
          const early = [refund(attempt, "a", part(100), 1), dispute(attempt, "b", argued("opened"))]
          assert.deepStrictEqual(yield* outcomes(...early), ["waiting", "waiting"])
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 0, owed: 0 })
          assert.deepStrictEqual(yield* outcomes(paid(attempt, "c"), ...early), ["applied", "replayed", "replayed"])
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 400, owed: 0 })
          assert.deepStrictEqual(
            (yield* (yield* PaymentStore).listEvents("waiting", { limit: 9, cursor: null })).items,
            []
          )
        })
      )
    )

    it.effect("that are spent are owed, and are taken from what comes in next, never below zero", () =>
      house(() =>
        Effect.gen(function* () {
          const ledger = yield* Ledger
          const attempt = yield* bought(500, "one")
          yield* say(paid(attempt, "a"))
          yield* spend("spent", 300)
          const held = yield* ledger.hold(buyer.organizationId, attemptId("held"), Credits.make(150), true)
          yield* say(refundedTotal(attempt, "b", 500, 1))
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 0, owed: 450 })
          assert.deepStrictEqual((yield* eventWords()).slice(2), ["refunded pending", "reversal_pending pending"])
          const before = yield* (yield* Purchases).find(buyer.organizationId, { kind: "attempt", id: attempt.id })
          assert.deepStrictEqual(
            before.reversals.map((one) => one.pendingCents),
            [450]
          )
          yield* ledger.release(held)
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 0, owed: 300 })
          yield* ledger.grantFree(buyer.organizationId, Credits.make(50), "gift")
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 0, owed: 250 })
          yield* say(paid(yield* bought(400, "two"), "c"))
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 150, owed: 0 })
          assert.strictEqual(yield* netPurchased, 400)
          assert.deepStrictEqual(yield* movements, [
            ["refunded", "pending", 500],
            ["reversal_pending", "pending", 450],
            ["refunded", "pending", 150],
            ["refunded", "pending", 50],
            ["refunded", "applied", 250]
          ])
        })
      )
    )

    it.effect("are taken by a dispute that took its money, and come back when it gives it back", () =>
      house(() =>
        Effect.gen(function* () {
          const attempt = yield* bought(500, "one")
          yield* say(paid(attempt, "a"), dispute(attempt, "b", argued("opened")))
          assert.deepInclude(yield* balance, { paid: 500 })
          yield* say(dispute(attempt, "c", argued("withdrawn")), dispute(attempt, "d", argued("withdrawn")))
          assert.deepInclude(yield* balance, { paid: 0 })
          yield* say(dispute(attempt, "e", argued("reinstated")), dispute(attempt, "f", argued("won")))
          assert.deepInclude(yield* balance, { paid: 500 })
          const lost = yield* bought(500, "two")
          yield* say(paid(lost, "g"), dispute(lost, "h", { ...argued("lost"), disputeId: "dp_2" }))
          assert.strictEqual(yield* netPurchased, 500)
          assert.deepStrictEqual(
            (yield* eventWords()).filter((word) => !/checkout|granted/.test(word)),
            ["disputed opened", "disputed applied", "reinstated reinstated", "disputed won", "disputed applied"]
          )
        })
      )
    )

    it.effect("come back as far as a dispute gives them back, in whatever order that is told", () =>
      house(() =>
        Effect.gen(function* () {
          const attempt = yield* bought(500, "one")
          yield* say(paid(attempt, "a"), dispute(attempt, "b", argued("withdrawn")))
          yield* say(dispute(attempt, "c", { ...argued("reinstated"), reinstatedCents: 200 }))
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 200, owed: 0 })
          yield* say(dispute(attempt, "d", { ...argued("won"), reinstatedCents: 350 }))
          yield* say(dispute(attempt, "e", { ...argued("reinstated"), reinstatedCents: 200 }))
          assert.deepStrictEqual(yield* balance, { free: 0, paid: 350, owed: 0 })
        })
      )
    )

    it.effect("that went back are found when the word of it is lost, as long as money can go back", () =>
      house(({ gone }) =>
        Effect.gen(function* () {
          const attempt = yield* bought(500, "one")
          yield* say(paid(attempt, "a"))
          const found = [
            refund(attempt, "asked:1", part(100), 1),
            dispute(attempt, "asked:2", { ...argued("lost"), amountCents: 50 })
          ]
          gone.set(attempt.id, found)
          const { sweep } = yield* PaymentSweep
          yield* sweep
          assert.deepInclude(yield* balance, { paid: 500 })
          yield* TestClock.adjust("1 day")
          yield* sweep
          assert.deepInclude(yield* balance, { paid: 350 })
          for (let day = 0; day < 200; day += 25) {
            if (day === 150) gone.set(attempt.id, [...found, refund(attempt, "asked:3", part(60, "re_late"), 1)])
            yield* TestClock.adjust("25 days")
            yield* sweep
          }
          assert.deepInclude(yield* balance, { paid: 290 })
          assert.deepInclude(yield* sweep, { looked: 0 })
        })
      )
    )

    it.effect("of others do not wait for ever, nor keep those of this house from being found", () =>
      house(() =>
        Effect.gen(function* () {
          const foreign = { id: PaymentAttemptId.make("payatt_foreign") }
          const strangers = numbers(52).map((one) => refund(foreign, `f${one}`, part(100), 1))
          const attempt = yield* bought(500, "one")
          const own = refund(attempt, "own", part(100), 1)
          yield* say(...strangers.slice(0, 5), own, ...strangers.slice(5))
          // Both were told at the same time: neither saw the other.
          const store = yield* PaymentStore
          yield* (yield* Transaction).run(store.saveAttempt({ ...attempt, paymentId: paymentOf(attempt) }))
          assert.strictEqual((yield* store.waitingFound(9)).length, 1)
          yield* say({ ...paid(attempt, "p"), paymentId: paymentOf(attempt) })
          assert.deepInclude(yield* balance, { paid: 400 })
          const { sweep } = yield* PaymentSweep
          assert.deepInclude(yield* sweep, { givenUp: 0 })
          yield* TestClock.adjust(limits.paymentAgeMillisMax + 1)
          yield* sweep
          assert.deepInclude(yield* sweep, { givenUp: 2 })
          assert.deepStrictEqual(yield* store.waitingLongest(9), [])
          assert.strictEqual((yield* store.listEvents("rejected", { limit: 200, cursor: null })).items.length, 52)
        })
      )
    )

    it.effect("stand behind an agent that nobody has claimed", () =>
      house(() =>
        Effect.gen(function* () {
          const agents = yield* AgentStore
          const claims = ["unclaimed", "claimed", "revoked"] as const
          for (const [index, claimState] of claims.entries()) {
            const agent = sampleAgent(claimState, { claimState })
            yield* agents.insert(agent, sampleToken(agent, index))
            const who = { ...buyer, agentId: agent.id, organizationId: agent.organizationId }
            const attempt = yield* bought(10, claimState, "paper", who)
            assert.strictEqual(yield* claimOf(agent.id), claimState)
            yield* say(paid(attempt, claimState))
          }
          assert.deepStrictEqual(yield* Effect.forEach(claims, (name) => claimOf(sampleAgent(name).id)), [
            "payment_backed_unclaimed",
            "claimed",
            "revoked"
          ])
        })
      )
    )

    it.effect("are not touched by what does not fit the payment, which is kept for the operator", () =>
      house(() =>
        Effect.gen(function* () {
          const attempt = yield* bought(500, "one")
          const strange = { ...paid(attempt, "c"), sessionId: "another" }
          const euros = { ...refundedTotal(attempt, "g", 100, 1), currency: "eur" }
          assert.deepStrictEqual(
            yield* outcomes(
              paid(attempt, "a", 499),
              { ...paid(attempt, "b"), currency: "eur" },
              strange,
              { ...paid(attempt, "d"), attemptId: "payatt_none", sessionId: "none", paymentId: null },
              paid(attempt, "e"),
              { ...paid(attempt, "f"), paymentId: "another" },
              euros
            ),
            ["rejected", "rejected", "rejected", "rejected", "applied", "rejected", "rejected"]
          )
          yield* say(refundedTotal(attempt, "h", 500, 2), dispute(attempt, "i", argued("withdrawn")))
          assert.strictEqual(yield* netPurchased, 0)
          assert.deepStrictEqual((yield* eventWords()).slice(2), [
            "reversal_rejected rejected",
            "refunded applied",
            "reversal_rejected rejected"
          ])
          const events = yield* (yield* PaymentSweep).events("rejected", { limit: 20, cursor: null })
          assert.strictEqual(events.items.length, 6)
        })
      )
    )

    it.effect("of a purchase whose answer was lost come with the same key, or with the sweep", () =>
      house(({ asked, problems, standing }) =>
        Effect.gen(function* () {
          problems.push("unreachable", "unreachable", "refused")
          assert.deepInclude(yield* Effect.flip(bought(500, "one")), { code: "PROVIDER_UNAVAILABLE" })
          const sweep = (yield* PaymentSweep).sweep
          yield* TestClock.adjust("3 minutes")
          yield* sweep
          yield* TestClock.adjust("10 minutes")
          assert.deepInclude(yield* Effect.flip(bought(7, "no")), { code: "PAYMENT_METHOD_UNAVAILABLE" })
          const other = yield* bought(7, "no")
          assert.strictEqual(other.state, "requires_action")
          standing.set(other.id, stepped("expired", other, "never paid"))
          const attempt = yield* bought(500, "one")
          assert.strictEqual(attempt.state, "requires_action")
          assert.strictEqual(asked.get(attempt.id), 3)
          yield* bought(500, "one")
          assert.strictEqual(asked.get(attempt.id), 3)
          standing.set(attempt.id, paid(attempt, "asked"))
          yield* TestClock.adjust("1 day")
          yield* sweep
          assert.deepInclude(yield* balance, { paid: 500 })
          yield* say(paid(attempt, "its own word, at last"))
          assert.deepInclude(yield* balance, { paid: 500 })
          yield* TestClock.adjust("1 day")
          assert.deepStrictEqual(yield* sweep, { looked: 1, waiting: 0, givenUp: 0 })
        })
      )
    )
  })
