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

const expiry = (attempt: PaymentAttempt, at: number): RailEvent => ({
  kind: "expired",
  eventId: `expired:${attempt.id}`,
  attemptId: attempt.id,
  sessionId: attempt.sessionId,
  paymentId: null,
  at
})

/** The safety net: asks the rails about payments whose word never came. What it learns goes the way of all events. */
export class PaymentSweep extends Effect.Service<PaymentSweep>()("@image-skill/core/PaymentSweep", {
  effect: Effect.gen(function* () {
    const store = yield* PaymentStore
    const settlement = yield* Settlement
    const purchases = yield* Purchases
    const transaction = yield* Transaction

    const later = Effect.fnUntraced(function* (attempt: PaymentAttempt) {
      const now = yield* Clock.currentTimeMillis
      const age = now - attempt.createdAt
      const wait = Math.min(limits.paymentLookMillisMax, Math.max(limits.paymentLookMillisMin, age))
      yield* transaction.run(
        Effect.gen(function* () {
          const locked = yield* store.lockAttempt(attempt.id)
          if (Option.isNone(locked) || isEnded(locked.value.state)) return
          yield* store.saveAttempt({
            ...locked.value,
            lookAt: age > limits.paymentAgeMillisMax ? null : now + wait
          })
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

    const look = Effect.fn("PaymentSweep.look")(function* (attempt: PaymentAttempt) {
      // First, so that what fails does not come first again.
      yield* later(attempt)
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

    /** Looks at what is due. Failures are logged; the next sweep tries again. */
    const sweep = Effect.gen(function* () {
      const due = yield* store.attemptsToLookAt(yield* Clock.currentTimeMillis, perSweep)
      yield* Effect.forEach(due, (attempt) => tolerant(look(attempt)), { discard: true })
      const waiting = yield* store.listEvents("waiting", { limit: perSweep, cursor: null })
      yield* Effect.forEach(waiting.items, (event) => tolerant(settlement.catchUp(event)), { discard: true })
      return { looked: due.length, waiting: waiting.items.length }
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
      return Option.getOrNull(yield* store.attempt(id))
    })

    /** For the operator: every attempt, and the events that could not be applied. */
    const attempts = (query: PageQuery) => store.listAttempts(query)
    const events = (outcome: Exclude<EventOutcome, "applied">, query: PageQuery) => store.listEvents(outcome, query)

    return { sweep, reconcile, attempts, events } as const
  })
}) {}
