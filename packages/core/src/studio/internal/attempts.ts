import { Clock, Effect, Option } from "effect"
import type { Attempt } from "../../jobs/Job.ts"
import { isOpen, transition } from "../../jobs/Transitions.ts"
import { Scratch, type ScratchPool } from "../../kernel/Scratch.ts"
import { spanned } from "../../kernel/Traces.ts"
import { lostAnswer } from "./asking.ts"
import { makeDeliver } from "./deliver.ts"
import { makeFollow } from "./follow.ts"
import { makeMove } from "./move.ts"
import type { Room } from "./room.ts"
import type { Run, Services } from "./run.ts"
import { type InHand, makeFailing, makeSubmit } from "./submit.ts"

/** Carries one attempt from where it is to its end, or to where it must wait for another look: its phase then. */
export const makeAttempts = (services: Services, room: Room, scratch: ScratchPool) => {
  const inHand: InHand = { replies: new Map(), spooled: new Set(), handles: new Map() }
  const move = makeMove(services)
  const { begin, reclaim, keep, keepLate, claim } = makeSubmit(services, move, inHand, room)
  const follow = makeFollow(services, move, keep)
  const deliver = makeDeliver(services, move, inHand, claim)
  const { failedWith } = makeFailing(move)

  /** The row does not say yet that the answer came: whether it came too late shows when it is delivered. */
  const deliverSpooled = (run: Run, attempt: Attempt) => {
    const reply = inHand.replies.get(attempt.id)
    return Effect.tapErrorTag(deliver(run, attempt), "Stale", () =>
      reply === undefined ? Effect.void : keepLate(attempt, reply)
    )
  }

  const step = (run: Run, attempt: Attempt) => {
    switch (attempt.phase) {
      case "planned":
        return begin(run, attempt)
      case "claimed":
        return inHand.spooled.has(attempt.id) ? deliverSpooled(run, attempt) : reclaim(run, attempt)
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

  /** A defect is ours or a plugin's. It is told, and an attempt that meets it for ever ends at its deadline. */
  const broken = (run: Run, attempt: Attempt, defect: unknown) =>
    Effect.gen(function* () {
      yield* Effect.logError("a step of a job broke", defect).pipe(
        Effect.annotateLogs({ job_id: run.job.id, phase: attempt.phase })
      )
      const isOver = (yield* Clock.currentTimeMillis) >= run.job.deadlineAt
      return isOver && transition(attempt.phase, "lost") !== undefined
        ? Option.some(yield* failedWith(run, attempt, lostAnswer("the job broke on our side")))
        : Option.none<Attempt>()
    })

  const carried = Effect.fnUntraced(function* (run: Run, attempt: Attempt) {
    let now = attempt
    while (isOpen(now.phase)) {
      const before = now
      const next = Option.getOrNull(
        yield* Effect.catchAllDefect(step(run, before), (defect) => broken(run, before, defect))
      )
      if (next === null) return now.phase
      const isNewlyUnstored = next.phase === "unstored" && now.phase !== "unstored"
      now = next
      // What could not be stored a moment ago is looked at again by a later run.
      if (isNewlyUnstored) return now.phase
    }
    return now.phase
  }, spanned("Attempt.run"))

  /** A reply that is in hand still, for a later run, keeps its memory. */
  return (run: Run, attempt: Attempt) =>
    Effect.suspend(() => {
      const lease = scratch.lease()
      return carried(run, attempt).pipe(
        Effect.provideService(Scratch, lease),
        Effect.ensuring(Effect.sync(() => inHand.replies.has(attempt.id) || lease.release()))
      )
    })
}
