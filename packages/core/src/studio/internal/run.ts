import { type Context, Data, Effect, Schedule } from "effect"
import type { ActivityLog } from "../../activity/ActivityLog.ts"
import type { AssetStore } from "../../assets/AssetStore.ts"
import type { BlobStore } from "../../assets/BlobStore.ts"
import type { MediaOrigin } from "../../assets/MediaOrigin.ts"
import type { ResultSpool } from "../../assets/ResultSpool.ts"
import type { Attempt, Job } from "../../jobs/Job.ts"
import type { AttemptPatch, JobStore, Lease } from "../../jobs/JobStore.ts"
import { type AttemptEvent, isOpen, transition } from "../../jobs/Transitions.ts"
import type { Ids, JobId } from "../../kernel/Ids.ts"
import { Credits } from "../../kernel/Money.ts"
import type { StorageUnavailable, Transaction } from "../../kernel/Transaction.ts"
import type { Ledger } from "../../ledger/Ledger.ts"
import type { CreditPolicy } from "../../pricing/CreditPolicy.ts"
import type { ProviderRegistry } from "../../provider/ProviderRegistry.ts"
import type { SafeFetch } from "../../provider/SafeFetch.ts"
import { makeEnding } from "./ending.ts"

/** Another run holds the job now: this one writes nothing more. */
export class Stale extends Data.TaggedError("Stale")<{ readonly jobId: JobId }> {}

/** The services that carrying out a job needs. */
export interface Services {
  readonly jobs: Context.Tag.Service<JobStore>
  readonly ledger: Ledger
  readonly assets: Context.Tag.Service<AssetStore>
  readonly blobs: Context.Tag.Service<BlobStore>
  readonly spool: Context.Tag.Service<ResultSpool>
  readonly activity: Context.Tag.Service<ActivityLog>
  readonly transaction: Context.Tag.Service<Transaction>
  readonly providers: Context.Tag.Service<ProviderRegistry>
  readonly policy: Context.Tag.Service<CreditPolicy>
  readonly media: Context.Tag.Service<MediaOrigin>
  readonly fetch: Context.Tag.Service<SafeFetch>
  readonly ids: Context.Tag.Service<Ids>
}

/** A job that this run holds. */
export interface Run {
  readonly job: Job
  readonly lease: Lease
}

export interface MoveOptions {
  readonly patch?: AttemptPatch
  /** A refusal that the provider charges for. */
  readonly billed?: boolean
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
      if (!moved) return yield* new Stale({ jobId: run.job.id })
      if (next.money !== "keep") {
        const hold = { attemptId: attempt.id, organizationId: run.job.organizationId, ...attempt.held }
        yield* ledger.settle(hold, debit).pipe(Effect.catchTag("OverSettlement", Effect.die))
      }
      if (next.money === "expose" || options.billed === true) yield* ledger.expose(attempt.id, attempt.worstCost)
      yield* options.inside ?? Effect.void
      if (!isOpen(next.to)) yield* endIfDone(run)
      return { ...attempt, ...patch, phase: next.to }
    })

  return Effect.fn("Attempt.move")((run, attempt, event, options = {}) =>
    Effect.retry(transaction.run(once(run, attempt, event, options)), {
      schedule: patience,
      while: (error) => error._tag === "Failure"
    })
  )
}
