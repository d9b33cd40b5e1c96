import { Effect, Option } from "effect"
import type { Attempt } from "../../jobs/Job.ts"
import { isOpen } from "../../jobs/Transitions.ts"
import { makeDeliver } from "./deliver.ts"
import { makeMove } from "./move.ts"
import type { Run, Services } from "./run.ts"
import { makeSubmit, type Replies } from "./submit.ts"

/** Carries one attempt from where it is to its end, or to where it must wait for another look. */
export const makeAttempts = (services: Services) => {
  const replies: Replies = new Map()
  const move = makeMove(services)
  const { begin, reclaim, follow } = makeSubmit(services, move, replies)
  const deliver = makeDeliver(services, move, replies)

  const step = (run: Run, attempt: Attempt) => {
    switch (attempt.phase) {
      case "planned":
        return Effect.asSome(begin(run, attempt))
      case "claimed":
        return Effect.asSome(reclaim(run, attempt))
      case "submitted":
        return follow(run, attempt)
      case "replied":
      case "unstored":
        return deliver(run, attempt)
      case "delivered":
      case "refused":
      case "canceled":
      case "unknown":
      case "abandoned":
        return Effect.succeedNone
    }
  }

  return Effect.fn("Attempt.run")(function* (run: Run, attempt: Attempt) {
    let now = attempt
    while (isOpen(now.phase)) {
      const next = Option.getOrNull(yield* step(run, now))
      // What could not be stored a moment ago is looked at again by a later run.
      if (next === null || (next.phase === "unstored" && now.phase !== "unstored")) return
      now = next
    }
  })
}
