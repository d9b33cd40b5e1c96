import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, type Layer, Ref, Scope } from "effect"
import { JobScheduler } from "../../jobs/JobScheduler.ts"
import { failure } from "../../kernel/Errors.ts"
import { JobId } from "../../kernel/Ids.ts"

const jobs = [1, 2, 3].map((number) => JobId.make(`job_${number}`))
const [first = JobId.make("job"), second = JobId.make("job")] = jobs

/** Polls until it is so: a scheduler may be some seconds late, never early. */
const eventually = (is: Effect.Effect<boolean>) =>
  Effect.iterate(false, { while: (done) => !done, body: () => Effect.zipRight(Effect.sleep("20 millis"), is) }).pipe(
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => new Error("no look came") }),
    Effect.orDie
  )

const looks = Effect.gen(function* () {
  const seen = yield* Ref.make<ReadonlyArray<{ readonly job: JobId; readonly at: number }>>([])
  const look = (job: JobId) =>
    Effect.flatMap(Clock.currentTimeMillis, (at) => Ref.update(seen, (all) => [...all, { job, at }]))
  const of = (job: JobId) => Effect.map(Ref.get(seen), (all) => all.filter((one) => one.job === job))
  return { look, of, sees: (job: JobId) => eventually(Effect.map(of(job), (all) => all.length > 0)) } as const
})

/** The contract of every scheduler. Real time: each case lasts a second or less. */
export const jobSchedulerSuite = (name: string, layer: Layer.Layer<JobScheduler>) =>
  describe(`JobScheduler / ${name}`, () => {
    it.scopedLive("looks at a job once its time has come, and not before", () =>
      Effect.gen(function* () {
        const scheduler = yield* JobScheduler
        const seen = yield* looks
        yield* scheduler.listen(seen.look)
        const at = (yield* Clock.currentTimeMillis) + 150
        yield* scheduler.lookAt(first, at)
        yield* seen.sees(first)
        // Timers count in whole milliseconds.
        assert.isTrue((yield* seen.of(first)).every((one) => one.at >= at - 1))
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("takes the earliest of several times, whatever order they come in", () =>
      Effect.gen(function* () {
        const scheduler = yield* JobScheduler
        const seen = yield* looks
        yield* scheduler.listen(seen.look)
        const now = yield* Clock.currentTimeMillis
        for (const at of [now + 3_600_000, now, now + 7_200_000]) yield* scheduler.lookAt(first, at)
        for (const at of [now + 50, now + 3_600_000]) yield* scheduler.lookAt(second, at)
        yield* seen.sees(first)
        yield* seen.sees(second)
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("keeps what falls due while nobody listens", () =>
      Effect.gen(function* () {
        const scheduler = yield* JobScheduler
        const seen = yield* looks
        const scope = yield* Scope.make()
        yield* Scope.extend(scheduler.listen(seen.look), scope)
        yield* Scope.close(scope, Exit.void)
        for (const job of jobs) yield* scheduler.lookAt(job, 0)
        yield* Effect.sleep("100 millis")
        assert.deepStrictEqual(yield* seen.of(first), [])
        yield* scheduler.listen(seen.look)
        for (const job of jobs) yield* seen.sees(job)
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("looks again after a look that failed", () =>
      Effect.gen(function* () {
        const scheduler = yield* JobScheduler
        const seen = yield* looks
        const failures = yield* Ref.make(1)
        yield* scheduler.listen((job) =>
          Effect.flatMap(
            Ref.getAndUpdate(failures, (left) => left - 1),
            (left) => (left > 0 ? Effect.fail(failure("STORAGE_UNAVAILABLE", "away")) : seen.look(job))
          )
        )
        yield* scheduler.lookAt(first, 0)
        yield* seen.sees(first)
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("looks again when it was asked to during the look", () =>
      Effect.gen(function* () {
        const scheduler = yield* JobScheduler
        const seen = yield* looks
        yield* scheduler.listen((job) =>
          Effect.gen(function* () {
            if ((yield* seen.of(job)).length === 0) yield* scheduler.lookAt(job, yield* Clock.currentTimeMillis)
            yield* seen.look(job)
          })
        )
        yield* scheduler.lookAt(first, 0)
        yield* eventually(Effect.map(seen.of(first), (all) => all.length >= 2))
      }).pipe(Effect.provide(layer))
    )
  })
