import { Effect, Option, Schedule } from "effect"
import type { Attempt } from "../../jobs/Job.ts"
import type { AttemptPatch } from "../../jobs/JobStore.ts"
import { type AttemptEvent, isOpen, transition } from "../../jobs/Transitions.ts"
import { Credits, type UsdTicks, zeroTicks } from "../../kernel/Money.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import { makeEnding } from "./ending.ts"
import { type Run, type Services, Stale } from "./run.ts"

export interface MoveOptions {
  readonly patch?: AttemptPatch
  /** What the provider may charge for images that the customer does not get. */
  readonly exposed?: UsdTicks
  /** Written in the same transaction. */
  readonly inside?: Effect.Effect<void, StorageUnavailable>
}

export type Move = (
  run: Run,
  attempt: Attempt,
  event: AttemptEvent,
  options?: MoveOptions
) => Effect.Effect<Attempt, Stale | StorageUnavailable>

/** Money hangs on these writes: they are tried again for about half a minute before the run gives up. */
const patience = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("2 seconds")),
  Schedule.intersect(Schedule.recurs(18))
)

/** One step of an attempt: its row, its money, and what else belongs to it, in one transaction. */
export const makeMove = (services: Services): Move => {
  const { jobs, ledger, transaction } = services
  const endIfDone = makeEnding(services)

  const once = (run: Run, attempt: Attempt, event: AttemptEvent, options: MoveOptions) =>
    Effect.gen(function* () {
      const next = transition(attempt.phase, event)
      if (next === undefined) return yield* Effect.dieMessage(`"${event}" cannot follow "${attempt.phase}"`)
      const debit = next.money === "settle" ? (options.patch?.settled ?? Credits.make(0)) : Credits.make(0)
      const patch = next.money === "keep" ? (options.patch ?? {}) : { ...options.patch, settled: debit }
      const moved = yield* jobs.advance(run.lease, attempt.id, attempt.phase, next.to, patch)
      if (!moved) return yield* unlessDone(run, { ...attempt, ...patch, phase: next.to })
      if (next.money !== "keep") {
        const hold = { attemptId: attempt.id, organizationId: run.job.organizationId, ...attempt.held }
        yield* ledger.settle(hold, debit).pipe(Effect.catchTag("OverSettlement", Effect.die))
      }
      yield* ledger.expose(attempt.id, next.money === "expose" ? attempt.worstCost : (options.exposed ?? zeroTicks))
      yield* options.inside ?? Effect.void
      if (!isOpen(next.to)) yield* endIfDone(run)
      return { ...attempt, ...patch, phase: next.to }
    })

  /** A commit whose answer was lost was done all the same: under our own epoch nobody else can have moved the row. */
  const unlessDone = (run: Run, moved: Attempt) =>
    Effect.gen(function* () {
      const job = Option.getOrNull(yield* jobs.get(run.job.id))
      const row = (yield* jobs.attempts(run.job.id)).find((one) => one.id === moved.id)
      const isOurs = job !== null && job.epoch === run.lease.epoch && row?.phase === moved.phase
      return isOurs ? moved : yield* new Stale({ jobId: run.job.id })
    })

  return Effect.fn("Attempt.move")((run, attempt, event, options = {}) =>
    Effect.retry(transaction.run(once(run, attempt, event, options)), {
      schedule: patience,
      while: (error) => error._tag === "Failure"
    })
  )
}
