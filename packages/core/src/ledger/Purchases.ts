import { Clock, Effect, Option } from "effect"
import { type Failure, fail } from "../kernel/Errors.ts"
import type { OrganizationId, PaymentAttemptId, QuoteId, ReceiptId } from "../kernel/Ids.ts"
import { Ids } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"
import { quoted } from "../kernel/Quote.ts"
import { isoOf } from "../kernel/Time.ts"
import { type StorageUnavailable, Transaction } from "../kernel/Transaction.ts"
import { quoteCommand } from "./CreditTerms.ts"
import { openedNote } from "./internal/creditEvents.ts"
import {
  keyConflict,
  keyRequired,
  nothingToBuy,
  otherRail,
  quoteConsumed,
  quoteExpired,
  quoteNotFound,
  tooLittle,
  unavailable
} from "./internal/offers.ts"
import { Ledger } from "./Ledger.ts"
import { type Opened, type PaymentRail, PaymentRails } from "./PaymentRail.ts"
import {
  type Buyer,
  type CreditQuote,
  type PaymentAttempt,
  type PaymentReceipt,
  type ProviderEvent,
  quoteState,
  type Reversal
} from "./PaymentRecords.ts"
import { PaymentStore } from "./PaymentStore.ts"
import { isEnded, paymentTransitions } from "./PaymentTransitions.ts"
import { Quotes } from "./Quotes.ts"
import { pendingCents } from "./Reversals.ts"
import { Settlement } from "./Settlement.ts"

export interface PurchaseRequest {
  readonly quoteId: QuoteId
  readonly idempotencyKey: string | null
  /** Who the caller thinks takes the money; null for whoever the quote names. */
  readonly provider: string | null
}

/** Exactly one of the four. */
export type PaymentReference =
  | { readonly kind: "quote"; readonly id: QuoteId }
  | { readonly kind: "attempt"; readonly id: PaymentAttemptId }
  | { readonly kind: "session"; readonly id: string }
  | { readonly kind: "receipt"; readonly id: ReceiptId }

/** Everything that is on record about one purchase. */
export interface PurchaseStatus {
  readonly quote: CreditQuote
  readonly attempt: PaymentAttempt | null
  readonly receipt: PaymentReceipt | null
  /** The rail's last word that counted. */
  readonly event: ProviderEvent | null
  readonly reversals: ReadonlyArray<Reversal & { readonly pendingCents: number }>
}

/** Where the handoff page leads. */
export type Handoff =
  | { readonly _tag: "Pay"; readonly url: string }
  | { readonly _tag: "Ended"; readonly state: PaymentAttempt["state"] }
  | { readonly _tag: "Unknown" }

/** Credits for money: a quote is bought on its rail, and its credits come with the rail's word that it is paid. */
export class Purchases extends Effect.Service<Purchases>()("@image-skill/core/Purchases", {
  effect: Effect.gen(function* () {
    const store = yield* PaymentStore
    const settlement = yield* Settlement
    const quotes = yield* Quotes
    const ledger = yield* Ledger
    const { rails, publicUrl, isUnlimited } = yield* PaymentRails
    const transaction = yield* Transaction
    const ids = yield* Ids

    const railOf = (id: string): PaymentRail | undefined => rails.find((rail) => rail.id === id)

    const handoffUrl = (attempt: PaymentAttempt) => `${publicUrl}/pay/${attempt.id}`

    /** The record before the act: the attempt that a call is about, new or from an earlier call with its key. */
    const begin = Effect.fn("Purchases.begin")(function* (buyer: Buyer, request: PurchaseRequest, endpoint: string) {
      if (isUnlimited || !buyer.metered) return yield* nothingToBuy
      const key = request.idempotencyKey
      if (key === null) return yield* keyRequired
      return yield* transaction.run(
        Effect.gen(function* () {
          const found = yield* store.lockQuote(buyer.organizationId, request.quoteId)
          if (Option.isNone(found)) return yield* quoteNotFound(quoted(request.quoteId))
          const quote = found.value
          const rail = railOf(quote.rail)
          if (rail === undefined) return yield* unavailable(quote.rail, unregistered)
          const isOther = request.provider !== null && request.provider !== rail.provider
          if (isOther || rail.purchaseEndpoint !== endpoint)
            return yield* otherRail(quote, rail, yield* quotes.freshKey)
          const known = yield* store.attemptByKey(buyer.organizationId, rail.id, key)
          if (Option.isSome(known)) {
            if (known.value.quoteId !== quote.id) return yield* keyConflict(known.value.quoteId)
            return { quote, rail, attempt: yield* revived(buyer, quote, known.value), isReplay: true }
          }
          yield* buyable(buyer, quote)
          if (quote.amountCents < rail.amountCentsMin)
            return yield* tooLittle(quote, rail.amountCentsMin, yield* quotes.freshKey)
          const now = yield* Clock.currentTimeMillis
          const attempt: PaymentAttempt = {
            id: yield* ids.paymentAttempt,
            quoteId: quote.id,
            organizationId: buyer.organizationId,
            agentId: buyer.agentId,
            rail: rail.id,
            isLive: rail.isLive,
            idempotencyKey: key,
            amountCents: quote.amountCents,
            state: "created",
            sessionId: null,
            paymentId: null,
            url: null,
            createdAt: now,
            expiresAt: now + limits.checkoutMillis,
            lookAt: now + limits.paymentLookMillisMin
          }
          // The quote is locked and the key was looked for: only another quote's call can have come between.
          return (yield* store.addAttempt(attempt))
            ? { quote, rail, attempt, isReplay: false }
            : yield* keyConflict("another quote")
        })
      )
    })

    /** What a rail refused to begin has not happened: its key may be used again. */
    const revived = Effect.fnUntraced(function* (buyer: Buyer, quote: CreditQuote, attempt: PaymentAttempt) {
      if (attempt.state !== "failed" || attempt.sessionId !== null) return attempt
      yield* buyable(buyer, quote)
      const lookAt = (yield* Clock.currentTimeMillis) + limits.paymentLookMillisMin
      const again: PaymentAttempt = { ...attempt, state: "created", lookAt }
      yield* store.saveAttempt(again)
      return again
    })

    const buyable = Effect.fnUntraced(function* (buyer: Buyer, quote: CreditQuote) {
      const now = yield* Clock.currentTimeMillis
      const state = quoteState(quote, now)
      const others = yield* store.attemptsOf(buyer.organizationId, quote.id)
      if (state === "consumed" || others.some((other) => other.state === "succeeded" || !isEnded(other.state)))
        return yield* quoteConsumed(quote)
      const offered = quotes.availability(quote.rail, buyer)
      if (!offered.available) return yield* unavailable(quote.rail, offered)
      if (state === "expired") {
        const again = quoteCommand(quote, yield* quotes.freshKey)
        return yield* quoteExpired(quote, isoOf(quote.expiresAt), again)
      }
    })

    /** The rail has begun to collect. Its events may have been here first: then they stand. */
    const opened = (
      attempt: PaymentAttempt,
      answer: Extract<Opened, { readonly _tag: "ActionRequired" }>
    ): Effect.Effect<void, StorageUnavailable> =>
      transaction.run(
        Effect.gen(function* () {
          const locked = yield* store.lockAttempt(attempt.id)
          if (Option.isNone(locked) || locked.value.url !== null) return
          const state = paymentTransitions[locked.value.state].opened ?? locked.value.state
          const { sessionId, url, expiresAt } = answer
          const now: PaymentAttempt = { ...locked.value, state, sessionId, url, expiresAt }
          yield* store.saveAttempt(now)
          if (state !== locked.value.state) yield* settlement.note(now, [openedNote(now)])
        })
      )

    const refused = (attempt: PaymentAttempt) =>
      transaction.run(
        Effect.gen(function* () {
          const locked = yield* store.lockAttempt(attempt.id)
          if (Option.isSome(locked) && locked.value.state === "created")
            yield* store.saveAttempt({ ...locked.value, state: "failed", lookAt: null })
        })
      )

    /** Asks the rail to collect. The same attempt again is the same act. */
    const open = Effect.fn("Purchases.open")(function* (
      rail: PaymentRail,
      quote: CreditQuote,
      attempt: PaymentAttempt
    ) {
      const answer = yield* Effect.either(rail.createAttempt(quote, attempt, handoffUrl(attempt)))
      if (answer._tag === "Right") {
        return answer.right._tag === "Settled"
          ? yield* Effect.asVoid(settlement.apply(rail.id, answer.right.event))
          : yield* opened(attempt, answer.right)
      }
      const { message, reason } = answer.left
      yield* Effect.logError(`${rail.id} did not begin to collect: ${message}`).pipe(
        Effect.annotateLogs({ payment_attempt_id: attempt.id })
      )
      if (reason === "unreachable") return yield* railUnreachable(attempt)
      yield* refused(attempt)
      return yield* unavailable(rail.id, {
        available: false,
        reason: "the payment provider refused to begin; the operator is told",
        commands: ["image-skill credits methods --json"]
      })
    })

    /** Buys a quote where its rail is bought. The same key again answers for the same purchase. */
    const buy = Effect.fn("Purchases.buy")(function* (buyer: Buyer, request: PurchaseRequest, endpoint: string) {
      const { quote, rail, attempt, isReplay } = yield* begin(buyer, request, endpoint)
      if (attempt.state === "created") yield* open(rail, quote, attempt)
      const status = yield* find(buyer.organizationId, { kind: "attempt", id: attempt.id })
      return { ...status, rail, isReplay }
    })

    const find = Effect.fn("Purchases.find")(function* (organization: OrganizationId, reference: PaymentReference) {
      const attempt = yield* attemptOf(organization, reference)
      const quoteId = reference.kind === "quote" ? reference.id : Option.getOrNull(attempt)?.quoteId
      if (quoteId === undefined) return yield* referenceNotFound(reference.id)
      const quote = yield* store.quote(organization, quoteId)
      if (Option.isNone(quote)) return yield* quoteNotFound(quoted(quoteId))
      if (Option.isNone(attempt))
        return { quote: quote.value, attempt: null, receipt: null, event: null, reversals: [] }
      return yield* statusOf(quote.value, attempt.value)
    })

    const attemptOf = Effect.fnUntraced(function* (organization: OrganizationId, reference: PaymentReference) {
      if (reference.kind === "attempt") return yield* store.ownAttempt(organization, reference.id)
      if (reference.kind === "session") return yield* store.ownAttemptBySession(organization, reference.id)
      if (reference.kind === "quote") {
        const all = yield* store.attemptsOf(organization, reference.id)
        return Option.fromNullable(all.find(({ state }) => state === "succeeded") ?? all[0])
      }
      const receipt = yield* store.receipt(organization, reference.id)
      return Option.isNone(receipt) ? Option.none() : yield* store.ownAttempt(organization, receipt.value.attemptId)
    })

    const statusOf = Effect.fnUntraced(function* (quote: CreditQuote, attempt: PaymentAttempt) {
      const events = (yield* store.eventsOf(attempt.id)).filter(({ outcome }) => outcome === "applied")
      const reversals = yield* store.reversalsOf(attempt.id)
      const { owed } = yield* ledger.balance(quote.organizationId)
      const pending = pendingCents(
        reversals.length === 0 ? [] : yield* store.reversalsOfOrganization(quote.organizationId),
        owed
      )
      return {
        quote,
        attempt,
        receipt: Option.getOrNull(yield* store.receiptOf(attempt.id)),
        event: events.at(-1) ?? null,
        reversals: reversals.map((one) => ({ ...one, pendingCents: pending.get(one.id) ?? 0 }))
      } satisfies PurchaseStatus
    })

    /** For whoever holds the attempt's id. */
    const handoff = Effect.fn("Purchases.handoff")(function* (id: PaymentAttemptId) {
      const found = yield* store.attempt(id)
      if (Option.isNone(found)) return { _tag: "Unknown" } satisfies Handoff
      const { expiresAt, state, url } = found.value
      const now = yield* Clock.currentTimeMillis
      if (state !== "requires_action" || url === null) return { _tag: "Ended", state } satisfies Handoff
      return now < expiresAt
        ? ({ _tag: "Pay", url } satisfies Handoff)
        : ({ _tag: "Ended", state: "expired" } satisfies Handoff)
    })

    return { buy, find, handoff, open, handoffUrl, railOf } as const
  })
}) {}

const unregistered = {
  available: false,
  reason: "this house does not have it any more",
  commands: ["image-skill credits methods --json"]
} as const

const referenceNotFound = (id: string): Effect.Effect<never, Failure<"PAYMENT_REFERENCE_NOT_FOUND">> =>
  fail("PAYMENT_REFERENCE_NOT_FOUND", `There is no payment ${quoted(id)}`, {
    recovery: { suggested_command: "image-skill activity list --json" }
  })

const railUnreachable = (attempt: PaymentAttempt): Effect.Effect<never, Failure<"PROVIDER_UNAVAILABLE">> =>
  fail("PROVIDER_UNAVAILABLE", "The payment provider cannot be reached; the same call can be repeated with its key", {
    details: { payment_attempt_id: attempt.id, quote_id: attempt.quoteId },
    recovery: {
      retry_after_seconds: 10,
      idempotency_key: attempt.idempotencyKey,
      suggested_command: `image-skill credits status --payment-attempt-id ${attempt.id} --json`
    }
  })
