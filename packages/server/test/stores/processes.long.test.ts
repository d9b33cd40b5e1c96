import { readdir } from "node:fs/promises"
import { join } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { DailyJobs } from "@image-skill/core/identity/Quota"
import { JobStore } from "@image-skill/core/jobs/JobStore"
import { RunRegistry } from "@image-skill/core/jobs/RunRegistry"
import { Ids, RunId } from "@image-skill/core/kernel/Ids"
import { auditIssues } from "@image-skill/core/ledger/Ledger"
import { LedgerStore } from "@image-skill/core/ledger/LedgerStore"
import { jobId, numbers, organization } from "@image-skill/core/testing/suites/samples"
import { Effect, Layer, Schema } from "effect"
import { dataPaths, layerStorage } from "../../src/Storage.ts"
import { makeWorker } from "./processes/Worker.ts"
import { temporaryFolder } from "./temporary.ts"

const storage = (directory: string) => layerStorage(directory).pipe(Layer.provide(Ids.layer))
const day = "2026-11-22"
const kills = 30
const workersAtOnce = 2

const grant = Effect.flatMap(LedgerStore, (store) =>
  store.post({
    id: "promo:all",
    kind: "grant",
    reference: "all",
    entries: [
      { account: "house:promo", unit: "credits", amount: -1_000_000 },
      { account: "org:org_one:free", unit: "credits", amount: 1_000_000 }
    ],
    guarded: []
  })
)

/** The books, and whether every job has the hold, the attempt and the count that were written with it. */
const checked = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  assert.deepStrictEqual(yield* sql`PRAGMA integrity_check`, [{ integrity_check: "ok" }])
  assert.deepStrictEqual(yield* sql`PRAGMA foreign_key_check`, [])
  const { balances, transactions } = yield* (yield* LedgerStore).all
  assert.deepStrictEqual(auditIssues(transactions, balances), [])
  const holds = transactions.filter((one) => one.kind === "hold").map((one) => jobId(one.reference))
  const jobs = yield* (yield* JobStore).open(1_000_000)
  assert.sameMembers(
    jobs.map((job) => job.id),
    holds
  )
  const attempts = yield* sql`SELECT id FROM attempts`
  assert.strictEqual(attempts.length, jobs.length)
  assert.strictEqual(yield* (yield* DailyJobs).used(organization, day), jobs.length)
  return new Set<string>(jobs.map((job) => job.id))
})

describe("several processes on one data directory", () => {
  it.scopedLive(
    "all succeed when they are its first users at the same time, thirty times of thirty",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const workers = yield* Effect.all(
          numbers(4).map(() => makeWorker),
          { concurrency: "unbounded" }
        )
        for (const round of numbers(30)) {
          const directory = join(folder, `round-${round}`)
          yield* Effect.forEach(workers, (worker) => worker.ask({ kind: "first", directory }), {
            concurrency: "unbounded"
          })
          const used = Effect.flatMap(DailyJobs, (daily) => daily.used(organization, day))
          assert.strictEqual(yield* Effect.provide(used, storage(directory)), 4)
        }
      }),
    60_000
  )

  it.scopedLive(
    "lose no write of one another",
    () =>
      Effect.gen(function* () {
        const directory = yield* temporaryFolder
        yield* Effect.provide(grant, storage(directory))
        const workers = yield* Effect.all(
          numbers(2).map(() => makeWorker),
          { concurrency: "unbounded" }
        )
        yield* Effect.forEach(
          workers,
          (worker, index) => worker.ask({ kind: "accepts", directory, prefix: `w${index}`, count: 200 }),
          { concurrency: "unbounded" }
        )
        assert.strictEqual((yield* Effect.provide(checked, storage(directory))).size, 400)
      }),
    60_000
  )

  it.scopedLive(
    `keep what they reported, and nothing by halves, through ${kills} kills`,
    () =>
      Effect.gen(function* () {
        const directory = yield* temporaryFolder
        yield* Effect.provide(grant, storage(directory))
        const life = (round: number) =>
          Effect.scoped(
            Effect.gen(function* () {
              const worker = yield* makeWorker
              const first = Effect.repeat(Effect.sleep(2), { until: () => worker.committed.length > 0 })
              // The worker answers only when it fails.
              yield* Effect.raceFirst(first, worker.ask({ kind: "transfers", directory, prefix: `r${round}` }))
              yield* Effect.sleep((round * 7) % 40)
              yield* worker.kill
              return worker.committed
            })
          )
        const reported = yield* Effect.forEach(numbers(kills), life, { concurrency: workersAtOnce })
        const kept = yield* Effect.provide(checked, storage(directory))
        const missing = reported.flat().filter((name) => !kept.has(jobId(name)))
        assert.deepStrictEqual(missing, [])
        assert.isAbove(reported.flat().length, kills)
        // A transaction that was committed but not yet reported when the kill came may exist: one for each life at most.
        assert.isAtMost(kept.size, reported.flat().length + kills)
      }),
    120_000
  )

  it.scopedLive(
    "know a run for dead only when its process is gone",
    () =>
      Effect.gen(function* () {
        const directory = yield* temporaryFolder
        yield* Effect.provide(
          Effect.gen(function* () {
            const runs = yield* RunRegistry
            const [first, second] = [yield* makeWorker, yield* makeWorker]
            const lives = (worker: typeof first) =>
              Effect.map(worker.ask({ kind: "live", directory }), Schema.decodeUnknownSync(RunId))
            const [one, other] = [yield* lives(first), yield* lives(second)]
            assert.isFalse(yield* runs.isDead(one))
            // Asking does not take the proof away.
            assert.isFalse(yield* runs.isDead(one))
            yield* first.signal("SIGSTOP")
            assert.isFalse(yield* runs.isDead(one))
            yield* first.kill
            assert.isTrue(yield* runs.isDead(one))
            assert.isFalse(yield* runs.isDead(other))
            const left = yield* Effect.promise(() => readdir(dataPaths(directory).runs))
            assert.deepStrictEqual(left, [`${other}.lock`])
            // This run used no storage, and so holds no lock. From its first use on, others see it.
            yield* (yield* DailyJobs).used(organization, day)
            const files = yield* Effect.promise(() => readdir(dataPaths(directory).runs))
            assert.sameMembers(files, [`${other}.lock`, `${runs.self}.lock`])
            assert.isFalse(yield* runs.isDead(runs.self))
          }),
          storage(directory)
        )
        const others = yield* Effect.promise(() => readdir(dataPaths(directory).runs))
        assert.strictEqual(others.length, 1)
      }),
    60_000
  )
})
