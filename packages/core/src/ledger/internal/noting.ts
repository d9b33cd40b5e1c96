import { Clock, Effect, Option } from "effect"
import { ActivityLog } from "../../activity/ActivityLog.ts"
import { Call } from "../../kernel/Call.ts"
import { Ids } from "../../kernel/Ids.ts"
import type { PaymentAttempt } from "../PaymentRecords.ts"
import { type CreditNote, eventOf } from "./creditEvents.ts"

/** Puts notes of a payment on the activity of its organization, under the trace of the call that they are of. */
export const makeNoting = Effect.gen(function* () {
  const activity = yield* ActivityLog
  const ids = yield* Ids
  return Effect.fn("Payments.note")(function* (attempt: PaymentAttempt, notes: ReadonlyArray<CreditNote>) {
    if (notes.length === 0) return
    const at = yield* Clock.currentTimeMillis
    const call = yield* Effect.serviceOption(Call)
    const traceId = Option.isSome(call) ? call.value.traceId : yield* ids.trace
    const events = yield* Effect.forEach(notes, (one) =>
      Effect.map(ids.event, (eventId) => eventOf(attempt, one, { eventId, traceId, at }))
    )
    yield* activity.append(events)
  })
})
