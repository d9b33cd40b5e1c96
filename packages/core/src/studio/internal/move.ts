import { Effect, Option, Schedule } from "effect"
import type { Asset } from "../../assets/Asset.ts"
import { type Attempt, isTerminal, type JobStatus } from "../../jobs/Job.ts"
import type { AttemptPatch } from "../../jobs/JobStore.ts"
import { type AttemptEvent, isOpen, transition } from "../../jobs/Transitions.ts"
import { countCredits, countJob } from "../../kernel/Metrics.ts"
import { Credits, type UsdTicks, zeroTicks } from "../../kernel/Money.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import { heldCredits } from "../../ledger/Ledger.ts"
import { makeCounting } from "./counting.ts"
import { makeEnding } from "./ending.ts"
import { type Run, type Services, Stale } from "./run.ts"

export interface MoveOptions {
  readonly patch?: AttemptPatch
  /** What the provider may charge for images that the customer does not get. */
  readonly exposed?: UsdTicks
  /** Images that the provider refused and may bill. */
  readonly refused?: number
  /** What was made. Written in the same transaction. */
  readonly assets?: ReadonlyArray<Asset>
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
  const { assets, jobs, ledger, refusals, transaction } = services
  const endIfDone = makeEnding(services)
  const count = makeCounting(services)

  const once = (run: Run, attempt: Attempt, event: AttemptEvent, options: MoveOptions) =>
    Effect.gen(function* () {
      const next = transition(attempt.phase, event)
      if (next === undefined) return yield* Effect.dieMessage(`"${event}" cannot follow "${attempt.phase}"`)
      const debit = next.money === "settle" ? (options.patch?.settled ?? Credits.make(0)) : Credits.make(0)
      const patch = next.money === "keep" ? (options.patch ?? {}) : { ...options.patch, settled: debit }
      const moved = yield* jobs.advance(run.lease, attempt.id, attempt.phase, next.to, patch)
      if (!moved) return yield* unlessDone(run, { ...attempt, ...patch, phase: next.to })
      // Before the money, as the transaction that accepts a job does it: two of one organization never wait for each other.
      yield* refusals.count(run.job.organizationId, options.refused ?? 0)
      if (next.money !== "keep") {
        const hold = { attemptId: attempt.id, organizationId: run.job.organizationId, ...attempt.held }
        yield* ledger.settle(hold, debit).pipe(Effect.catchTag("OverSettlement", Effect.die))
      }
      const exposed = next.money === "expose" ? attempt.worstCost : (options.exposed ?? zeroTicks)
      yield* ledger.expose(attempt.id, exposed)
      const now: Attempt = { ...attempt, ...patch, phase: next.to }
      if (next.money !== "keep") yield* count(run, now, exposed)
      const made = options.assets ?? []
      if (made.length > 0) yield* assets.insert(made)
      const ended = isOpen(next.to) ? null : yield* endIfDone(run, now, made)
      const done: Moved = { attempt: now, ended }
      return done
    })

  /** A commit whose answer was lost was done all the same: under our own epoch nobody else can have moved the row. */
  const unlessDone = (run: Run, moved: Attempt) =>
    Effect.gen(function* () {
      const job = Option.getOrNull(yield* jobs.get(run.job.id))
      const row = (yield* jobs.attempts(run.job.id)).find((one) => one.id === moved.id)
      const isOurs = job !== null && job.epoch === run.lease.epoch && row?.phase === moved.phase
      if (!isOurs) return yield* new Stale({ jobId: run.job.id })
      const done: Moved = { attempt: moved, ended: isTerminal(job.status) && !isOpen(moved.phase) ? job.status : null }
      return done
    })

  return Effect.fnUntraced(function* (run, attempt, event, options = {}) {
    const moved = yield* Effect.retry(transaction.run(once(run, attempt, event, options)), {
      schedule: patience,
      while: (error) => error._tag === "Failure"
    })
    yield* told(run, attempt, event, moved)
    return moved.attempt
  }, spanned("Attempt.move"))
}

interface Moved {
  readonly attempt: Attempt
  /** How the job ended, when this was the last that it waited for. */
  readonly ended: JobStatus | null
}

/** For telemetry, once it is durable. */
const told = (run: Run, before: Attempt, event: AttemptEvent, { attempt, ended }: Moved) =>
  Effect.gen(function* () {
    yield* Effect.annotateCurrentSpan({
      "image_skill.attempt_id": attempt.id,
      "image_skill.event": event,
      "image_skill.phase": attempt.phase,
      ...(ended === null ? {} : { "image_skill.outcome": ended })
    })
    if (transition(before.phase, event)?.money !== "keep") {
      const debit = attempt.settled ?? Credits.make(0)
      const hold = heldCredits({ attemptId: attempt.id, organizationId: run.job.organizationId, ...attempt.held })
      yield* countCredits("settled", debit)
      yield* countCredits("released", Credits.make(hold - debit))
    }
    if (ended !== null) yield* countJob(ended, run.job.modelId, run.job.providerId)
  })
