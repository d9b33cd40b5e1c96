import { Clock, Effect, Option } from "effect"
import { Ids, PaymentAttemptId } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"
import { Credits } from "../kernel/Money.ts"
import { Transaction } from "../kernel/Transaction.ts"
import { disputeNote, grantedNote, reversalNotes, unreadableNote } from "./internal/creditEvents.ts"
import { makeNoting } from "./internal/noting.ts"
import { Ledger } from "./Ledger.ts"
import { Payers } from "./Payers.ts"
import { PaymentRails } from "./PaymentRail.ts"
import type { PaymentAttempt, PaymentReceipt, ProviderEvent, Reversal } from "./PaymentRecords.ts"
import { PaymentStore } from "./PaymentStore.ts"
import { isEnded, paymentTransitions } from "./PaymentTransitions.ts"
import type { RailEvent } from "./RailEvents.ts"
import { countedCents, type Draft, reckon, standingOf } from "./Reversals.ts"

/** What an event came to. `replayed`: it was known, and nothing was done. */
export interface Settled {
  readonly outcome: ProviderEvent["outcome"] | "replayed"
  readonly attemptId: PaymentAttemptId | null
}

const isReversal = (event: RailEvent) =>
  event.kind === "refunded_total" || event.kind === "refund" || event.kind === "dispute"

const idCharactersMax = 500

/** Why an event does not fit the payment that it names; null when it does. */
const mismatch = (attempt: PaymentAttempt, event: RailEvent): string | null => {
  if (event.sessionId !== null && attempt.sessionId !== null && event.sessionId !== attempt.sessionId)
    return "it is of another session"
  if ("currency" in event && event.currency.toUpperCase() !== "USD") return `its currency is ${event.currency}, not USD`
  if (event.kind !== "paid") return null
  if (event.amountCents !== attempt.amountCents)
    return `it pays ${event.amountCents} cents where ${attempt.amountCents} are due`
  return attempt.paymentId === null || attempt.paymentId === event.paymentId ? null : "it is a second payment"
}

/**
 * Makes of a rail's events what they mean for the books: in one transaction the event, the payment, its credits and its
 * activity. Events may come in any order, more than once, under several ids and several at a time.
 */
export class Settlement extends Effect.Service<Settlement>()("@image-skill/core/Settlement", {
  effect: Effect.gen(function* () {
    const store = yield* PaymentStore
    const ledger = yield* Ledger
    const payers = yield* Payers
    const { rails } = yield* PaymentRails
    const transaction = yield* Transaction
    const ids = yield* Ids
    const note = yield* makeNoting

    const locate = Effect.fnUntraced(function* (rail: string, event: RailEvent) {
      if (event.attemptId !== null) {
        const found = yield* store.attempt(PaymentAttemptId.make(event.attemptId.slice(0, idCharactersMax)))
        if (Option.isSome(found) && found.value.rail === rail) return found
      }
      if (event.sessionId !== null) {
        const found = yield* store.attemptBySession(rail, event.sessionId)
        if (Option.isSome(found)) return found
      }
      return event.paymentId === null ? Option.none() : yield* store.attemptByPayment(rail, event.paymentId)
    })

    /** The credits of a payment, once. */
    const grant = Effect.fn("Settlement.grant")(function* (attempt: PaymentAttempt) {
      const credits = Credits.make(attempt.amountCents)
      yield* ledger.grantPaid(attempt.organizationId, credits, attempt.id)
      const receipt: PaymentReceipt = {
        id: yield* ids.receipt,
        creditEventId: yield* ids.creditEvent,
        attemptId: attempt.id,
        quoteId: attempt.quoteId,
        organizationId: attempt.organizationId,
        credits,
        amountCents: attempt.amountCents,
        rail: attempt.rail,
        isLive: attempt.isLive,
        balanceAfter: (yield* ledger.balance(attempt.organizationId)).paid,
        createdAt: yield* Clock.currentTimeMillis
      }
      yield* store.addReceipt(receipt)
      const quote = yield* store.lockQuote(attempt.organizationId, attempt.quoteId)
      if (Option.isSome(quote)) yield* store.saveQuote({ ...quote.value, isConsumed: true })
      yield* payers.paid(attempt.organizationId)
      yield* note(attempt, [grantedNote(receipt)])
      return receipt
    })

    const recorded = Effect.fnUntraced(function* (attempt: PaymentAttempt, draft: Draft | Reversal) {
      if ("id" in draft) return draft
      return {
        ...draft,
        id: yield* ids.reversal,
        creditEventId: yield* ids.creditEvent,
        organizationId: attempt.organizationId,
        attemptId: attempt.id,
        createdAt: yield* Clock.currentTimeMillis
      } satisfies Reversal
    })

    /** Brings the books to what the events of a paid attempt say. `cause` names the event that gives the reason. */
    const reverse = Effect.fn("Settlement.reverse")(function* (
      attempt: PaymentAttempt,
      receipt: PaymentReceipt,
      events: ReadonlyArray<RailEvent>,
      cause: RailEvent
    ) {
      const before = yield* store.reversalsOf(attempt.id)
      const after = yield* Effect.forEach(reckon(receipt.amountCents, before, standingOf(events)), (one) =>
        recorded(attempt, one)
      )
      const more = countedCents(after) - countedCents(before)
      const id = `${attempt.id}:${attempt.rail}:${cause.eventId}`
      const taken = more > 0 ? yield* ledger.reverse(attempt.organizationId, Credits.make(more), id) : 0
      if (more < 0) yield* ledger.reinstate(attempt.organizationId, Credits.make(-more), id)
      yield* Effect.forEach(after, (one) => store.saveReversal(one), { discard: true })
      const notes = reversalNotes(receipt, before, after, Math.max(0, more) - taken)
      const isNews = events.filter((one) => one.kind === "dispute" && sameStep(one, cause)).length === 1
      const quiet =
        notes.length === 0 && cause.kind === "dispute" && isNews
          ? [
              disputeNote(
                receipt,
                after.find((one) => one.reference === cause.disputeId),
                cause
              )
            ]
          : []
      yield* note(attempt, [...notes, ...quiet])
    })

    /** When the sweep looks at an attempt next: a paid one while money can go back and its rail can be asked about that. */
    const lookAfter = Effect.fnUntraced(function* (before: PaymentAttempt, state: PaymentAttempt["state"]) {
      if (!isEnded(state) || before.state === "succeeded") return before.lookAt
      if (state !== "succeeded" || rails.find(({ id }) => id === before.rail)?.reversals === undefined) return null
      return (yield* Clock.currentTimeMillis) + limits.reversalLookMillisMin
    })

    /** The attempt is locked, and its event stored. */
    const proceed = Effect.fn("Settlement.proceed")(function* (attempt: PaymentAttempt, cause: RailEvent) {
      const step = isReversal(cause) ? undefined : paymentTransitions[attempt.state][stepOf(cause)]
      const state = step ?? attempt.state
      const now: PaymentAttempt = {
        ...attempt,
        state,
        sessionId: attempt.sessionId ?? cause.sessionId,
        paymentId: attempt.paymentId ?? (cause.kind === "paid" ? cause.paymentId : null),
        lookAt: yield* lookAfter(attempt, state)
      }
      yield* store.saveAttempt(now)
      const known = yield* store.receiptOf(attempt.id)
      if (Option.isNone(known) && cause.kind !== "paid") return
      const receipt = Option.isSome(known) ? known.value : yield* grant(now)
      const waited = [
        ...(yield* store.eventsOf(attempt.id)).filter((one) => one.outcome === "waiting"),
        ...(now.paymentId === null ? [] : yield* store.waitingFor(attempt.rail, now.paymentId))
      ]
      for (const one of waited) yield* store.moveEvent(one, { attemptId: attempt.id, outcome: "applied" })
      const events = yield* store.eventsOf(attempt.id)
      yield* reverse(
        now,
        receipt,
        events.filter((one) => one.outcome === "applied").map((one) => one.event),
        cause
      )
    })

    const rejected = Effect.fnUntraced(function* (attempt: PaymentAttempt, event: RailEvent, problem: string) {
      yield* Effect.logError(`an event of a payment was not applied: ${problem}`).pipe(
        Effect.annotateLogs({ rail: attempt.rail, event_id: event.eventId, payment_attempt_id: attempt.id })
      )
      const receipt = yield* store.receiptOf(attempt.id)
      if (Option.isSome(receipt) && isReversal(event) && "amountCents" in event)
        yield* note(attempt, [unreadableNote(receipt.value, event.amountCents, problem)])
    })

    /** Stores an event and does what it says, once. It is durable when this returns. */
    const apply = Effect.fn("Settlement.apply")(function* (rail: string, event: RailEvent) {
      const receivedAt = yield* Clock.currentTimeMillis
      const keep = (attempt: PaymentAttempt | null, outcome: ProviderEvent["outcome"], problem: string | null) =>
        store.addEvent({ rail, attemptId: attempt?.id ?? null, outcome, problem, event, receivedAt })
      const replayed = (attempt: PaymentAttempt | null): Settled => ({
        outcome: "replayed",
        attemptId: attempt?.id ?? null
      })
      return yield* transaction.run(
        Effect.gen(function* () {
          const found = yield* locate(rail, event)
          const locked = Option.isNone(found) ? found : yield* store.lockAttempt(found.value.id)
          if (Option.isNone(locked)) {
            // A refund may come before its payment is on record; what else names no payment of ours is not for us.
            const waits = isReversal(event) && event.paymentId !== null
            const outcome = waits ? "waiting" : "rejected"
            const isNew = yield* keep(null, outcome, waits ? null : "it names no payment of this house")
            return isNew ? ({ outcome, attemptId: null } satisfies Settled) : replayed(null)
          }
          const attempt = locked.value
          const problem = mismatch(attempt, event)
          if (problem !== null) {
            if (!(yield* keep(attempt, "rejected", problem))) return replayed(attempt)
            yield* rejected(attempt, event, problem)
            return { outcome: "rejected", attemptId: attempt.id } satisfies Settled
          }
          const isEarly = isReversal(event) && Option.isNone(yield* store.receiptOf(attempt.id))
          if (!(yield* keep(attempt, isEarly ? "waiting" : "applied", null))) return replayed(attempt)
          if (!isEarly) yield* proceed(attempt, event)
          return { outcome: isEarly ? "waiting" : "applied", attemptId: attempt.id } satisfies Settled
        })
      )
    })

    /** Applies an event that waits, if its payment is on record by now. */
    const catchUp = Effect.fn("Settlement.catchUp")(function* (waiting: ProviderEvent) {
      return yield* transaction.run(
        Effect.gen(function* () {
          const found = yield* locate(waiting.rail, waiting.event)
          const locked = Option.isNone(found) ? found : yield* store.lockAttempt(found.value.id)
          if (Option.isNone(locked) || Option.isNone(yield* store.receiptOf(locked.value.id))) return false
          const again = yield* store.event(waiting.rail, waiting.event.eventId)
          if (Option.isNone(again) || again.value.outcome !== "waiting") return false
          yield* proceed(locked.value, waiting.event)
          return true
        })
      )
    })

    return { apply, catchUp, note } as const
  })
}) {}

const stepOf = (event: RailEvent) =>
  event.kind === "paid" || event.kind === "pending" || event.kind === "failed" ? event.kind : "expired"

const sameStep = (a: RailEvent, b: RailEvent) =>
  a.kind === "dispute" && b.kind === "dispute" && a.disputeId === b.disputeId && a.change === b.change
