import { Clock, Effect, Option } from "effect"
import type { PaymentAttemptId } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"
import type { PageQuery } from "../kernel/Page.ts"
import { Transaction } from "../kernel/Transaction.ts"
import type { EventOutcome, PaymentAttempt } from "./PaymentRecords.ts"
import { PaymentStore } from "./PaymentStore.ts"
import { isEnded } from "./PaymentTransitions.ts"
import { Purchases } from "./Purchases.ts"
import type { RailEvent } from "./RailEvents.ts"
import { Settlement } from "./Settlement.ts"

/** Attempts and events that one sweep looks at. */
const perSweep = 50

const tooOld = {
  attemptId: null,
  outcome: "rejected",
  problem: "its payment was not on record within 30 days: most likely another product's of the same account"
} as const

const expiry = (attempt: PaymentAttempt, at: number): RailEvent => ({
  kind: "expired",
  eventId: `expired:${attempt.id}`,
  attemptId: attempt.id,
  sessionId: attempt.sessionId,
  paymentId: null,
  at
})

/** An attempt without news is asked about when it is twice as old; what went back of a paid one, for longer and less often. */
const nextLook = ({ createdAt, state }: PaymentAttempt, now: number): number | null => {
  const age = now - createdAt
  const [least, most, ageMax] =
    state === "succeeded"
      ? [limits.reversalLookMillisMin, limits.reversalLookMillisMax, limits.reversalAgeMillisMax]
      : [limits.paymentLookMillisMin, limits.paymentLookMillisMax, limits.paymentAgeMillisMax]
  return age > ageMax || (state !== "succeeded" && isEnded(state)) ? null : now + Math.min(most, Math.max(least, age))
}

/** The safety net: asks the rails about payments, and about money that went back, whose word never came. What it learns goes the way of all events. */
export class PaymentSweep extends Effect.Service<PaymentSweep>()("@image-skill/core/PaymentSweep", {
  effect: Effect.gen(function* () {
    const store = yield* PaymentStore
    const settlement = yield* Settlement
    const purchases = yield* Purchases
    const transaction = yield* Transaction

    const later = Effect.fnUntraced(function* (attempt: PaymentAttempt) {
      const now = yield* Clock.currentTimeMillis
      yield* transaction.run(
        Effect.gen(function* () {
          const locked = yield* store.lockAttempt(attempt.id)
          if (Option.isNone(locked) || locked.value.state !== attempt.state) return
          yield* store.saveAttempt({ ...locked.value, lookAt: nextLook(attempt, now) })
        })
      )
    })

    /** An attempt that may not have reached its rail: the act is repeated while the rail remembers its key. */
    const reopen = Effect.fnUntraced(function* (attempt: PaymentAttempt) {
      const rail = purchases.railOf(attempt.rail)
      const quote = yield* store.quote(attempt.organizationId, attempt.quoteId)
      const now = yield* Clock.currentTimeMillis
      if (now - attempt.createdAt > limits.railKeyMillis) {
        yield* settlement.apply(attempt.rail, expiry(attempt, now))
        return
      }
      if (rail !== undefined && Option.isSome(quote)) yield* purchases.open(rail, quote.value, attempt)
    })

    /** What went back of a paid attempt, where its rail can be asked: the word of it may be lost for good. */
    const lookBack = Effect.fn("PaymentSweep.lookBack")(function* (attempt: PaymentAttempt) {
      const events = yield* purchases.railOf(attempt.rail)?.reversals?.(attempt) ?? Effect.succeed([])
      for (const event of events) yield* settlement.apply(attempt.rail, event)
    })

    const look = Effect.fn("PaymentSweep.look")(function* (attempt: PaymentAttempt) {
      // First, so that what fails does not come first again.
      yield* later(attempt)
      if (attempt.state === "succeeded") return yield* lookBack(attempt)
      if (attempt.state === "created") return yield* reopen(attempt)
      const status = purchases.railOf(attempt.rail)?.status
      const now = yield* Clock.currentTimeMillis
      const event =
        status !== undefined
          ? yield* status(attempt)
          : attempt.state === "requires_action" && now >= attempt.expiresAt
            ? expiry(attempt, now)
            : null
      if (event !== null) yield* settlement.apply(attempt.rail, event)
    })

    const tolerant = <A, E extends { readonly message: string }>(effect: Effect.Effect<A, E>) =>
      Effect.catchAll(effect, (error) => Effect.logWarning(`a payment could not be looked at: ${error.message}`))

    /** Events wait no longer than the slowest payment takes: then theirs is not of this house. */
    const giveUp = Effect.gen(function* () {
      const since = (yield* Clock.currentTimeMillis) - limits.paymentAgeMillisMax
      const stale = (yield* store.waitingLongest(perSweep)).filter(({ receivedAt }) => receivedAt < since)
      yield* Effect.forEach(stale, (event) => store.moveEvent(event, tooOld))
      return stale.length
    })

    /** Looks at what is due. Failures are logged; the next sweep tries again. */
    const sweep = Effect.gen(function* () {
      const due = yield* store.attemptsToLookAt(yield* Clock.currentTimeMillis, perSweep)
      yield* Effect.forEach(due, (attempt) => tolerant(look(attempt)), { discard: true })
      const found = yield* store.waitingFound(perSweep)
      yield* Effect.forEach(found, (event) => tolerant(settlement.catchUp(event)), { discard: true })
      return { looked: due.length, waiting: found.length, givenUp: yield* giveUp }
    }).pipe(Effect.withSpan("PaymentSweep.sweep"))

    /** For the operator: asks the rail about one attempt now, also about one that has ended. */
    const reconcile = Effect.fn("PaymentSweep.reconcile")(function* (id: PaymentAttemptId) {
      const found = yield* store.attempt(id)
      if (Option.isNone(found)) return null
      const attempt = found.value
      const event =
        attempt.state === "created"
          ? null
          : yield* purchases.railOf(attempt.rail)?.status?.(attempt) ?? Effect.succeed(null)
      if (attempt.state === "created") yield* reopen(attempt)
      if (event !== null) yield* settlement.apply(attempt.rail, event)
      const now = yield* store.attempt(id)
      if (Option.isSome(now) && now.value.state === "succeeded") yield* lookBack(now.value)
      return Option.getOrNull(now)
    })

    /** For the operator: every attempt, and the events that could not be applied. */
    const attempts = (query: PageQuery) => store.listAttempts(query)
    const events = (outcome: Exclude<EventOutcome, "applied">, query: PageQuery) => store.listEvents(outcome, query)

    return { sweep, reconcile, attempts, events } as const
  })
}) {}
