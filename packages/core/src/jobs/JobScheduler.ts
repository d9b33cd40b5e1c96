import { Clock, Context, Effect, FiberMap, Layer, type Scope } from "effect"
import type { JobId } from "../kernel/Ids.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"

/** What a look at a job does. A look that fails is made again later. */
export type Look = (job: JobId) => Effect.Effect<void, StorageUnavailable>

/**
 * The clock and the safety net of jobs: "look at job J at time T", at least once. It decides nothing: who looks may find
 * that another run holds the job, or that it has ended, and a look too many is harmless.
 */
export class JobScheduler extends Context.Tag("@image-skill/core/JobScheduler")<
  JobScheduler,
  {
    /** Epoch milliseconds; a time that has passed is now. Of several times for one job the earliest counts. */
    readonly lookAt: (job: JobId, at: number) => Effect.Effect<void, StorageUnavailable>
    /** Looks at what is due, now and from now on, until the scope ends. What becomes due meanwhile waits. */
    readonly listen: (look: Look) => Effect.Effect<void, never, Scope.Scope>
  }
>() {
  /** Timers of this process: what they hold is gone with it, so a start scans the jobs that are open. */
  static readonly layerTimers = Layer.scoped(
    this,
    Effect.suspend(() => makeTimers())
  )
}

const againMillis = 1_000
const looksAtOnce = 16

const makeTimers = () =>
  Effect.gen(function* () {
    const due = new Map<JobId, number>()
    const timers = yield* FiberMap.make<JobId>()
    const turns = yield* Effect.makeSemaphore(looksAtOnce)
    let listener: Look | null = null

    /** Sleeps until the job's time, looks, and forgets it, unless it was asked for again meanwhile. */
    const watch = (job: JobId): Effect.Effect<void> =>
      Effect.gen(function* () {
        while (true) {
          const at = due.get(job)
          if (at === undefined || listener === null) return
          yield* Effect.sleep(Math.max(0, at - (yield* Clock.currentTimeMillis)))
          if (due.get(job) === at) yield* Effect.uninterruptible(turns.withPermits(1)(lookNow(job, listener)))
        }
      })

    const lookNow = (job: JobId, look: Look) =>
      Effect.gen(function* () {
        due.delete(job)
        const looked = yield* Effect.either(look(job))
        if (looked._tag === "Left" && !due.has(job)) due.set(job, (yield* Clock.currentTimeMillis) + againMillis)
      })

    /** A sleeper of a later time is replaced; a look that has begun is finished first. */
    const wake = (job: JobId) => FiberMap.run(timers, job, watch(job))

    return JobScheduler.of({
      lookAt: (job, at) =>
        Effect.suspend(() => {
          const known = due.get(job)
          if (known !== undefined && known <= at) return Effect.void
          due.set(job, at)
          return Effect.asVoid(wake(job))
        }),
      listen: (look) =>
        Effect.acquireRelease(
          Effect.suspend(() => {
            listener = look
            return Effect.forEach([...due.keys()], wake, { discard: true })
          }),
          () =>
            Effect.suspend(() => {
              listener = null
              return FiberMap.clear(timers)
            })
        ).pipe(Effect.asVoid)
    })
  })
