import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer, Option } from "effect"
import { type JobEnd, JobStore } from "../../jobs/JobStore.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { allPages } from "./allPages.ts"
import {
  assetId,
  attemptId,
  jobId,
  numbers,
  organization,
  otherOrganization,
  runId,
  sampleAttempt,
  sampleJob
} from "./samples.ts"

const ended: JobEnd = {
  status: "completed",
  answer: { job_id: "job_one", assets: [] },
  error: null,
  warnings: ["one was refused"],
  completedAt: 5_000
}

const insertOne = Effect.flatMap(JobStore, (jobs) =>
  jobs.insert(sampleJob("one"), [sampleAttempt("one", 1), sampleAttempt("one", 0)])
)

/** Takes the lease of job one, or fails the test. */
const lease = (owner: string, now: number, until: number) =>
  Effect.flatMap(JobStore, (jobs) => jobs.acquire(jobId("one"), runId(owner), now, until, [])).pipe(
    Effect.flatten,
    Effect.orDie
  )

/** What every `JobStore` promises. */
export const jobStoreSuite = <E>(name: string, layer: Layer.Layer<JobStore | Transaction, E>) =>
  describe(`JobStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, JobStore | Transaction>) => Effect.provide(effect, layer)

    it.effect("gives back what was put in, to its organization only", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          assertSome(yield* jobs.get(jobId("one")), sampleJob("one"))
          assertSome(yield* jobs.find(organization, jobId("one")), sampleJob("one"))
          assertNone(yield* jobs.find(otherOrganization, jobId("one")))
          assertNone(yield* jobs.get(jobId("none")))
          assert.deepStrictEqual(yield* jobs.attempts(jobId("none")), [])
          const attempts = yield* jobs.attempts(jobId("one"))
          assert.deepStrictEqual(
            [...attempts].sort((a, b) => a.index - b.index),
            [sampleAttempt("one", 0), sampleAttempt("one", 1)]
          )
        })
      )
    )

    it.effect("gives a lease to one of twenty who want it", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          const leases = yield* Effect.forEach(
            numbers(20),
            (one) => jobs.acquire(jobId("one"), runId(one), 1_000, 2_000, []),
            { concurrency: "unbounded" }
          )
          const [winner, ...others] = leases.filter(Option.isSome)
          assert.deepStrictEqual(others, [])
          const job = Option.getOrThrow(yield* jobs.get(jobId("one")))
          assert.strictEqual(job.owner, winner?.value.owner)
          assert.deepInclude(job, { status: "running", epoch: 1, leaseUntil: 2_000 })
        })
      )
    )

    it.effect("gives a held lease away when it ended or its owner is dead, and not before", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          const first = yield* lease("a", 1_000, 2_000)
          const early = yield* jobs.acquire(jobId("one"), runId("b"), 2_000, 3_000, [runId("c")])
          assertNone(early)
          assert.isTrue(yield* jobs.renew(first, 4_000))
          assertNone(yield* jobs.acquire(jobId("one"), runId("b"), 3_000, 5_000, []))
          const dead = yield* jobs.acquire(jobId("one"), runId("b"), 3_000, 5_000, [runId("x"), runId("a")])
          assertSome(dead, { jobId: jobId("one"), owner: runId("b"), epoch: 2 })
          const late = yield* jobs.acquire(jobId("one"), runId("c"), 5_001, 9_000, [])
          assertSome(late, { jobId: jobId("one"), owner: runId("c"), epoch: 3 })
          yield* jobs.release(Option.getOrThrow(late))
          assert.strictEqual((yield* lease("d", 5_002, 9_000)).epoch, 4)
          assertNone(yield* jobs.acquire(jobId("none"), runId("a"), 1, 2, []))
        })
      )
    )

    it.effect("refuses every write of a run that was overtaken", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          const stale = yield* lease("a", 1_000, 2_000)
          // The same owner again: only the epoch tells the two leases apart.
          const fresh = yield* lease("a", 2_001, 9_000)
          const before = Option.getOrThrow(yield* jobs.get(jobId("one")))
          assert.isFalse(yield* jobs.renew(stale, 10_000))
          yield* jobs.release(stale)
          assert.isFalse(yield* jobs.advance(stale, attemptId("one_0"), "planned", "claimed", {}))
          assert.isFalse(yield* jobs.end(stale, ended))
          const forged = { ...fresh, owner: runId("b") }
          assert.isFalse(yield* jobs.advance(forged, attemptId("one_0"), "planned", "claimed", {}))
          assert.isFalse(yield* jobs.end(forged, ended))
          assertSome(yield* jobs.get(jobId("one")), before)
          assert.deepStrictEqual(
            (yield* jobs.attempts(jobId("one"))).map((one) => one.phase),
            ["planned", "planned"]
          )
        })
      )
    )

    it.effect("advances an attempt from the phase it is in, and writes only what it is given", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          const held = yield* lease("a", 1_000, 2_000)
          const first = attemptId("one_0")
          assert.isTrue(yield* jobs.advance(held, first, "planned", "claimed", { claimedAt: 1_500 }))
          assert.isFalse(yield* jobs.advance(held, first, "planned", "claimed", { claimedAt: 9_999 }))
          const handle = { url: "https://queue.example/1", tries: [1, null] }
          assert.isTrue(yield* jobs.advance(held, first, "claimed", "submitted", { handle }))
          const patch = { assetIds: [assetId(1)], details: { seed: 7 }, error: { code: "X", message: "y" } }
          assert.isTrue(yield* jobs.advance(held, first, "submitted", "replied", patch))
          assert.isTrue(yield* jobs.advance(held, first, "replied", "delivered", { error: null }))
          const [attempt, other] = yield* jobs.attempts(jobId("one"))
          assert.deepStrictEqual(
            attempt,
            sampleAttempt("one", 0, { ...patch, phase: "delivered", claimedAt: 1_500, handle, error: null })
          )
          assert.deepStrictEqual(other, sampleAttempt("one", 1))
          yield* jobs.insert(sampleJob("two"), [sampleAttempt("two", 0)])
          assert.isFalse(yield* jobs.advance(held, attemptId("two_0"), "planned", "claimed", {}))
        })
      )
    )

    it.effect("ends a job once, erases its work, and lets nobody move it again", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          const held = yield* lease("a", 1_000, 2_000)
          assert.isTrue(yield* jobs.requestCancel(organization, jobId("one")))
          assert.isTrue(yield* jobs.end(held, ended))
          const job = Option.getOrThrow(yield* jobs.get(jobId("one")))
          assert.deepStrictEqual(
            job,
            sampleJob("one", { ...ended, work: null, owner: null, leaseUntil: null, epoch: 1, cancelRequested: true })
          )
          assert.isFalse(yield* jobs.end(held, { ...ended, status: "failed" }))
          assert.isFalse(yield* jobs.renew(held, 9_000))
          assert.isFalse(yield* jobs.advance(held, attemptId("one_0"), "planned", "claimed", {}))
          assert.isFalse(yield* jobs.requestCancel(organization, jobId("one")))
          const again = yield* jobs.acquire(jobId("one"), runId("b"), 9_000, 9_999, [runId("a")])
          assertNone(again)
          assertSome(yield* jobs.get(jobId("one")), job)
        })
      )
    )

    it.effect("cancels for the job's own organization only", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          assert.isFalse(yield* jobs.requestCancel(otherOrganization, jobId("one")))
          assert.isFalse(Option.getOrThrow(yield* jobs.get(jobId("one"))).cancelRequested)
          assert.isTrue(yield* jobs.requestCancel(organization, jobId("one")))
          assert.isTrue(Option.getOrThrow(yield* jobs.get(jobId("one"))).cancelRequested)
        })
      )
    )

    it.effect("pages newest first, without gaps or doubles while new jobs arrive", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          let arrived = 100
          const arrive = Effect.suspend(() => jobs.insert(sampleJob((arrived += 1)), []))
          yield* Effect.forEach(numbers(25), (one) => jobs.insert(sampleJob(one), []))
          yield* jobs.insert(sampleJob("foreign", { organizationId: otherOrganization }), [])
          const listed = yield* allPages(7, (query) => jobs.list(organization, query), arrive)
          assert.deepStrictEqual(
            listed.map((job) => job.id),
            numbers(25)
              .map((one) => jobId(one))
              .reverse()
          )
          const exact = yield* allPages(28, (query) => jobs.list(organization, query))
          assert.strictEqual(exact.length, 28)
          const foreign = yield* jobs.list(organization, { limit: 1, cursor: "c'; DROP TABLE jobs" })
          assert.strictEqual(foreign.items[0]?.id, jobId(103))
        })
      )
    )

    it.effect("lists open jobs oldest first with who holds them", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* Effect.forEach(["zero", "one", "two"], (one) => jobs.insert(sampleJob(one), []))
          const done = Option.getOrThrow(yield* jobs.acquire(jobId("zero"), runId("a"), 1_000, 2_000, []))
          yield* jobs.end(done, ended)
          yield* lease("a", 1_000, 2_000)
          assert.deepStrictEqual(yield* jobs.open(10), [
            { id: jobId("one"), owner: runId("a"), leaseUntil: 2_000 },
            { id: jobId("two"), owner: null, leaseUntil: null }
          ])
          assert.strictEqual((yield* jobs.open(1)).length, 1)
        })
      )
    )

    it.effect("finds the open job that reads an asset, of the same organization, until it ends", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          const work = { prompt: 'says "image_prompt"', parameters: { seed: "image_text" }, image: null, mask: null }
          const references = [{ asset_id: "image_reference", role: "style" }]
          yield* jobs.insert(sampleJob("one", { work: { ...work, image: "image_in_put", references } }), [])
          const user = (name: string, of = organization) => jobs.openWith(of, assetId(name))
          for (const name of ["in_put", "reference"]) assertSome(yield* user(name), jobId("one"))
          for (const name of ["prompt", "text", "refer", "in%put", "inxput"]) assertNone(yield* user(name))
          assertNone(yield* user("in_put", otherOrganization))
          yield* jobs.end(yield* lease("a", 1_000, 2_000), ended)
          assertNone(yield* user("in_put"))
        })
      )
    )

    it.effect("takes the steps of a run back with the transaction they were in", () =>
      run(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          yield* insertOne
          const held = yield* lease("a", 1_000, 2_000)
          const steps = Effect.gen(function* () {
            yield* jobs.advance(held, attemptId("one_0"), "planned", "claimed", { claimedAt: 1 })
            yield* jobs.keepLate(attemptId("one_0"), "replied", { bytes: 3 }, 1_000)
            yield* jobs.end(held, ended)
            return yield* Effect.fail("no")
          })
          yield* Effect.exit((yield* Transaction).run(steps))
          assert.deepInclude(Option.getOrThrow(yield* jobs.get(jobId("one"))), { status: "running", answer: null })
          assert.strictEqual((yield* jobs.attempts(jobId("one")))[0]?.claimedAt, null)
          assert.isTrue(yield* jobs.end(held, ended))
        })
      )
    )
  })
