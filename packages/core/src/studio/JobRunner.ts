import { Clock, Effect, Exit, FiberMap, Option } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { MediaOrigin } from "../assets/MediaOrigin.ts"
import { ResultSpool } from "../assets/ResultSpool.ts"
import { DailyJobs } from "../identity/Quota.ts"
import { RefusalLimit } from "../identity/Refusals.ts"
import { type Attempt, isTerminal, type Job, type Phase } from "../jobs/Job.ts"
import { JobQueues } from "../jobs/JobQueues.ts"
import { JobScheduler } from "../jobs/JobScheduler.ts"
import { JobStore, type Lease } from "../jobs/JobStore.ts"
import { makeJobTurns } from "../jobs/JobTurns.ts"
import { RunRegistry } from "../jobs/RunRegistry.ts"
import { isOpen } from "../jobs/Transitions.ts"
import { passed } from "../kernel/Checkpoint.ts"
import { Ids, type JobId, type RunId } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"
import { countOverhead, type Load } from "../kernel/Metrics.ts"
import { LargeMemory, makeScratchPool } from "../kernel/Scratch.ts"
import { inTrace, spanned } from "../kernel/Traces.ts"
import { Transaction } from "../kernel/Transaction.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { UnknownOutcomes } from "../ledger/UnknownOutcomes.ts"
import { CreditPolicy } from "../pricing/CreditPolicy.ts"
import { ProviderRegistry } from "../provider/ProviderRegistry.ts"
import { SafeFetch } from "../provider/SafeFetch.ts"
import { makeAttempts } from "./internal/attempts.ts"
import { makeElsewhere } from "./internal/elsewhere.ts"
import { makeRefusals } from "./internal/refusals.ts"
import { makeRoom } from "./internal/room.ts"
import { Stale } from "./internal/run.ts"

/**
 * Carries jobs to their end. A job runs once at a time, in whichever process holds its lease; a run that lost it stops
 * without writing. Runs live in the scope of this service, not in the call that started them: a client that hangs up
 * does not kill a paid call.
 */
export class JobRunner extends Effect.Service<JobRunner>()("@image-skill/core/JobRunner", {
  scoped: Effect.gen(function* () {
    const jobs = yield* JobStore
    const runs = yield* RunRegistry
    const transaction = yield* Transaction
    const providers = yield* ProviderRegistry
    const scheduler = yield* Effect.serviceOption(JobScheduler)
    const queues = yield* JobQueues
    const turns = makeJobTurns({ ...queues, runningMax: (id) => queues.runningOf(id) ?? providers.concurrencyOf(id) })
    let isClosing = false
    const spool = yield* ResultSpool
    const room = makeRoom(spool)
    const runAttempt = makeAttempts(
      {
        isClosing: () => isClosing,
        jobs,
        ledger: yield* Ledger,
        budgets: yield* Budgets,
        unknowns: yield* UnknownOutcomes,
        refusals: makeRefusals(yield* DailyJobs, yield* RefusalLimit),
        assets: yield* AssetStore,
        blobs: yield* BlobStore,
        spool,
        activity: yield* ActivityLog,
        transaction,
        providers,
        media: yield* MediaOrigin,
        policy: yield* CreditPolicy,
        fetch: yield* SafeFetch,
        ids: yield* Ids
      },
      room,
      makeScratchPool(yield* LargeMemory)
    )
    const fibers = yield* FiberMap.make<JobId, void, never>()

    const renewing = (lease: Lease) =>
      Effect.gen(function* () {
        yield* Effect.sleep(limits.leaseMillis / 3)
        const until = (yield* Clock.currentTimeMillis) + limits.leaseMillis
        const kept = yield* Effect.orElseSucceed(jobs.renew(lease, until), () => true)
        if (!kept) return yield* new Stale({ jobId: lease.jobId })
      }).pipe(Effect.forever)

    const carry = Effect.fnUntraced(function* ({ attempts, job, lease }: Held) {
      const open = attempts.filter((attempt) => isOpen(attempt.phase))
      const begunAt = yield* Clock.currentTimeMillis
      const run = { job, lease, attempts: attempts.length, elsewhere: makeElsewhere() }
      const exits = yield* Effect.forEach(open, (attempt) => Effect.exit(runAttempt(run, attempt)), {
        concurrency: Math.min(attemptsAtOnce, open.length)
      })
      // One attempt that cannot go on has stopped by itself; the paid calls beside it were awaited.
      const phases = yield* Option.getOrElse(Exit.all(exits), () => Exit.succeed<ReadonlyArray<Phase>>([]))
      yield* countOverhead("run", (yield* Clock.currentTimeMillis) - begunAt - run.elsewhere.millis())
      // The attempt that ended last has ended the job with it, and its lease.
      const isEnded = phases.length > 0 && !phases.some(isOpen)
      if (!isEnded) yield* leaveOpen(lease)
      yield* passed("ended")
    }, spanned("JobRunner.carry"))

    /** What could not be stored, or asked for, stays open: another run looks at it again. */
    const leaveOpen = Effect.fnUntraced(function* (lease: Lease) {
      yield* jobs.release(lease)
      if (isClosing || Option.isNone(scheduler)) return
      const now = Option.getOrNull(yield* jobs.get(lease.jobId))
      if (now === null || isTerminal(now.status)) return
      yield* scheduler.value.lookAt(lease.jobId, (yield* Clock.currentTimeMillis) + lookAgainMillis)
    })

    /**
     * A run that does not renew its lease and cannot be proven dead, on another machine perhaps. What it may be calling
     * at this moment is its own until the deadline; the rest anyone can go on with, for its writes are fenced.
     */
    const isAbandoned = (job: Job, now: number) =>
      job.leaseUntil !== null && job.leaseUntil >= now
        ? Effect.succeed(false)
        : now >= job.deadlineAt
          ? Effect.succeed(true)
          : Effect.map(jobs.attempts(job.id), (attempts) =>
              attempts.every(({ phase }) => !isOpen(phase) || phase === "planned" || phase === "submitted")
            )

    /** Another shell may have the key that this one lacks: such a job is left alone until its deadline. */
    const isForeign = (job: Job, now: number) =>
      job.providerId !== null && !providers.isConfigured(job.providerId) && now < job.deadlineAt

    /** In one transaction: an owner that wakes up between the look and the taking must not be overtaken in a call. */
    const take = (job: Job, now: number, dead: ReadonlyArray<RunId>) =>
      transaction.run(
        Effect.gen(function* () {
          if (job.owner !== null && dead.length === 0 && !(yield* isAbandoned(job, now))) return Option.none<Lease>()
          return yield* jobs.acquire(job.id, runs.self, now, now + limits.leaseMillis, dead)
        })
      )

    const acquire = Effect.fnUntraced(function* (jobId: JobId) {
      const job = Option.getOrNull(yield* jobs.get(jobId))
      const now = yield* Clock.currentTimeMillis
      if (job === null || isTerminal(job.status) || isForeign(job, now)) return Option.none<Lease>()
      // A run of our own that stopped is as good as dead; another's death must be certain.
      const dead = job.owner !== null && (job.owner === runs.self || (yield* runs.isDead(job.owner))) ? [job.owner] : []
      return yield* take(job, now, dead)
    }, spanned("JobRunner.acquire"))

    /** A job that was accepted here is held from then on, unless it waited so long that others may have taken it. */
    const heldOf = ({ attempts, job }: Accepted, now: number): Held | null =>
      now < (job.leaseUntil ?? 0) - limits.leaseMillis / 2
        ? { job, attempts, lease: { jobId: job.id, owner: runs.self, epoch: job.epoch } }
        : null

    const takeHold = Effect.fnUntraced(function* (id: JobId) {
      const lease = Option.getOrNull(yield* acquire(id))
      if (lease === null) return null
      return { job: yield* Effect.flatten(jobs.get(id)), attempts: yield* jobs.attempts(id), lease } satisfies Held
    })

    const runNow = Effect.fnUntraced(function* (
      { id, modelId, organizationId, providerId }: Job,
      accepted: Accepted | null
    ) {
      yield* Effect.annotateCurrentSpan({
        "image_skill.job_id": id,
        "image_skill.model": modelId,
        "image_skill.provider": providerId,
        "image_skill.organization_id": organizationId
      })
      const own = accepted === null ? null : heldOf(accepted, yield* Clock.currentTimeMillis)
      const held = own ?? (yield* takeHold(id))
      if (held === null) return
      yield* passed("leased")
      yield* Effect.raceFirst(carry(held), renewing(held.lease))
    }, spanned("JobRunner.run"))

    const runJob = Effect.fnUntraced(
      function* (jobId: JobId, accepted: Accepted | null) {
        const job = accepted?.job ?? Option.getOrNull(yield* jobs.get(jobId))
        if (job === null || isTerminal(job.status)) return
        const { organizationId, providerId } = job
        const running = Effect.annotateLogs(inTrace(job.traceId)(runNow(job, accepted)), { trace_id: job.traceId })
        if (providerId === null) return yield* running
        const waiting = { jobId, organizationId, providerId }
        // What a run has begun before is not new work for the provider: it may be paid, and has a deadline.
        const isNew = job.status === "queued" && !job.cancelRequested
        yield* isNew ? turns.inTurn(waiting, running) : turns.beyond(waiting, running)
      },
      (effect, jobId) =>
        effect.pipe(
          Effect.catchAll((error) =>
            Effect.logDebug("a run stopped before its job's end").pipe(Effect.annotateLogs({ reason: error._tag }))
          ),
          Effect.catchAllDefect((defect) => Effect.logError("a run broke", defect)),
          Effect.annotateLogs({ job_id: jobId })
        ),
      spanned("JobRunner.turn")
    )

    const startOnce = (jobId: JobId, accepted: Accepted | null) =>
      Effect.suspend(() =>
        isClosing
          ? Effect.void
          : Effect.asVoid(FiberMap.run(fibers, jobId, runJob(jobId, accepted), { onlyIfMissing: true }))
      )

    /** Starts the job here unless it runs here already. */
    const start = (jobId: JobId) => startOnce(jobId, null)

    /** Starts a job that was written this moment, with this process as its owner. */
    const begin = (accepted: Accepted) => startOnce(accepted.job.id, accepted)

    /** The job once it has ended or its run here has stopped; as it is after `waitMillis` otherwise. */
    const wait = Effect.fnUntraced(function* (jobId: JobId, waitMillis: number) {
      const until = (yield* Clock.currentTimeMillis) + waitMillis
      while (true) {
        const fiber = Option.getOrNull(yield* FiberMap.get(fibers, jobId).pipe(Effect.option))
        const left = until - (yield* Clock.currentTimeMillis)
        if (fiber !== null && left > 0) yield* fiber.await.pipe(Effect.timeoutOption(left))
        const found = yield* jobs.get(jobId)
        if (Option.isNone(found)) return found
        const { owner, status } = found.value
        const isElsewhere = owner !== null && owner !== runs.self
        if (isTerminal(status) || left <= 0 || isClosing || (fiber !== null && !isElsewhere)) return found
        // It runs in another process, which tells us nothing but its rows, and may die or give it back.
        yield* Effect.sleep(Math.min(left, pollMillis))
        yield* start(jobId)
      }
    }, spanned("JobRunner.wait"))

    /** Takes up what dead processes left: the oldest open jobs that nobody alive holds. Answers how many those are. */
    const resume = Effect.fnUntraced(function* (most: number) {
      const now = yield* Clock.currentTimeMillis
      const open = yield* jobs.open(openLookMost)
      const owners = [...new Set(open.map((job) => job.owner))].filter((owner) => owner !== null && owner !== runs.self)
      const dead = new Set(
        yield* Effect.filter(owners, (owner) => (owner === null ? Effect.succeed(false) : runs.isDead(owner)))
      )
      const free = open.filter(
        ({ owner, leaseUntil }) => owner === null || owner === runs.self || dead.has(owner) || (leaseUntil ?? 0) < now
      )
      yield* Effect.forEach(free.slice(0, most), (job) => start(job.id), { discard: true })
      return free.length
    }, spanned("JobRunner.resume"))

    /** A call whose answer comes once and that is stopped here may be paid: the next process finds it unknown. */
    const stopRest = Effect.flatMap(FiberMap.size(fibers), (left) =>
      left === 0
        ? Effect.void
        : Effect.zipRight(
            Effect.logWarning(`${left} runs had not ended after ${queues.drainMillis} ms; they are stopped`),
            FiberMap.clear(fibers)
          )
    )

    /**
     * Waits until every run here has ended, for `drainMillis` at most; the next process takes up the rest. Interruptible
     * in itself: it is called where a scope ends, and nothing there times out otherwise.
     */
    const drain = Effect.interruptible(FiberMap.awaitEmpty(fibers)).pipe(
      Effect.timeoutOption(queues.drainMillis),
      Effect.zipRight(stopRest)
    )

    /**
     * Closes politely: no run begins any more, those that a handle finds again are given back for the next process, and
     * calls whose answer comes once are awaited, as `drain` does.
     */
    const handOver = Effect.suspend(() => {
      isClosing = true
      return Effect.zipRight(turns.close, drain)
    })

    /** How much there is to do in this process at this moment. */
    const load: Effect.Effect<Load> = Effect.map(FiberMap.size(fibers), (openJobs) => ({
      openJobs,
      lanes: turns.lanes()
    }))

    return {
      self: runs.self,
      load,
      begin,
      start,
      wait,
      resume,
      drain,
      handOver,
      arriving: turns.arriving,
      hurry: turns.hurry,
      shortageOf: room.shortageOf
    } as const
  })
}) {}

/** A job and all its attempts, as they were written. */
export interface Accepted {
  readonly job: Job
  readonly attempts: ReadonlyArray<Attempt>
}

interface Held extends Accepted {
  readonly lease: Lease
}

const attemptsAtOnce = 4
const pollMillis = 250
/** After a run that could not go on. */
const lookAgainMillis = 5_000
const openLookMost = 1000
