import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { JobStore } from "@image-skill/core/jobs/JobStore"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { jobId, organization, runId, sampleAttempt, sampleJob } from "@image-skill/core/testing/suites/samples"
import { Deferred, Effect, Fiber, Layer, Option } from "effect"
import { dataPaths, layerStorage } from "../../src/Storage.ts"
import * as LibsqlClient from "../../src/sql/LibsqlClient.ts"
import * as SqlTransaction from "../../src/sql/SqlTransaction.ts"
import { temporaryFolder } from "../stores/temporary.ts"

const storage = (folder: string) => layerStorage(folder).pipe(Layer.provide(Ids.layer))

const insertOne = Effect.flatMap(JobStore, (jobs) => jobs.insert(sampleJob("one"), [sampleAttempt("one", 0)]))
const getOne = Effect.flatMap(JobStore, (jobs) => jobs.get(jobId("one")))

describe("LibsqlClient", () => {
  it.scoped("touches nothing on the disk until a statement runs", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const data = join(folder, "deep", "data")
      yield* Effect.provide(
        Effect.gen(function* () {
          yield* JobStore
          assert.deepStrictEqual(yield* Effect.promise(() => readdir(folder)), [])
          yield* getOne
          assert.include(yield* Effect.promise(() => readdir(data)), "image-skill.db")
        }),
        storage(data)
      )
    })
  )

  it.scoped("writes through to the disk, and lets readers read meanwhile", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const settings = Effect.flatMap(SqlClient.SqlClient, (sql) =>
        Effect.all([sql`PRAGMA synchronous`, sql`PRAGMA journal_mode`, sql`PRAGMA foreign_keys`])
      )
      const full = 2
      assert.deepStrictEqual(yield* Effect.provide(settings, storage(folder)), [
        [{ synchronous: full }],
        [{ journal_mode: "wal" }],
        [{ foreign_keys: 1 }]
      ])
    })
  )

  it.scoped("says what is wrong with a file that is no database, and leaves it as it is", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { database } = dataPaths(folder)
      const garbage = "no database, but somebody's only copy of something\n".repeat(400)
      yield* Effect.promise(() => writeFile(database, garbage))
      const error = yield* Effect.flip(Effect.provide(getOne, storage(folder)))
      assert.strictEqual(error.code, "STORAGE_UNAVAILABLE")
      assert.match(error.message, /damaged/)
      assert.notInclude(error.message, folder)
      assert.deepStrictEqual(error.details, { database, reason: "damaged" })
      assert.strictEqual(yield* Effect.promise(() => readFile(database, "utf8")), garbage)
    })
  )

  it.scoped("fails, and does not crash, when the file is damaged while it is in use", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.provide(insertOne, storage(folder))
      yield* Effect.promise(() => truncate(dataPaths(folder).database, 3 * 4096))
      const error = yield* Effect.flip(Effect.provide(getOne, storage(folder)))
      assert.strictEqual(error.code, "STORAGE_UNAVAILABLE")
      assert.match(error.message, /damaged/)
    })
  )

  it.scoped("says that a folder cannot be made, and works once it can", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "in-the-way")
      yield* Effect.promise(() => writeFile(file, ""))
      yield* Effect.provide(
        Effect.gen(function* () {
          const error = yield* Effect.flip(insertOne)
          assert.strictEqual(error.code, "STORAGE_UNAVAILABLE")
          assert.match(error.message, /cannot be opened or written/)
          yield* Effect.promise(() => rm(file))
          yield* insertOne
          assert.isTrue(Option.isSome(yield* getOne))
        }),
        storage(join(file, "data"))
      )
    })
  )

  it.scoped("takes everything back when the disk is full, and goes on when it is not", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.provide(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const jobs = yield* JobStore
          yield* sql`PRAGMA max_page_count = 60`
          const many = Effect.forEach(
            Array.from({ length: 500 }, (_, n) => n),
            (n) => jobs.insert(sampleJob(n), [sampleAttempt(n, 0)])
          )
          const error = yield* Effect.flip((yield* Transaction).run(many))
          assert.strictEqual(error.code, "STORAGE_UNAVAILABLE")
          assert.match(error.message, /full/)
          assert.deepStrictEqual(yield* jobs.open(10), [])
          // Also when the caller swallows the failure: half a transaction is never committed.
          const swallowed = yield* Effect.flip((yield* Transaction).run(Effect.ignore(many)))
          assert.match(swallowed.message, /full/)
          assert.deepStrictEqual(yield* jobs.open(10), [])
          yield* sql`PRAGMA max_page_count = 100000`
          yield* (yield* Transaction).run(many)
          assert.strictEqual((yield* jobs.open(1000)).length, 500)
        }),
        storage(folder)
      )
    })
  )

  it.scoped("fails a write that another connection keeps out, and leaves reads alone", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { database } = dataPaths(folder)
      const client = Layer.provideMerge(
        SqlTransaction.layer,
        LibsqlClient.layer({ file: database, lockWaitMillisMax: 200 })
      )
      yield* Effect.provide(insertOne, storage(folder))
      const held = yield* Deferred.make<void>()
      const hold = Effect.zipRight(Deferred.succeed(held, undefined), Effect.never)
      const holder = yield* Effect.fork(
        Effect.provide(
          Effect.flatMap(Transaction, ({ run }) => run(hold)),
          client
        )
      )
      yield* Deferred.await(held)
      yield* Effect.provide(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const transaction = yield* Transaction
          yield* sql`SELECT 1`
          const write = transaction.run(sql`UPDATE jobs SET epoch = 7`)
          const [error, , rows] = yield* Effect.all(
            [Effect.flip(write), Effect.flip(sql`UPDATE jobs SET epoch = 7`), sql`SELECT epoch FROM jobs`],
            { concurrency: "unbounded" }
          )
          assert.propertyVal(error, "code", "STORAGE_UNAVAILABLE")
          assert.deepStrictEqual(rows, [{ epoch: 0 }])
          const waiting = yield* Effect.fork(write)
          yield* Effect.yieldNow()
          yield* Fiber.interrupt(waiting)
          yield* Fiber.interrupt(holder)
          yield* write
          assert.deepStrictEqual(yield* sql`SELECT epoch FROM jobs`, [{ epoch: 7 }])
        }),
        Layer.fresh(client)
      )
    })
  )

  it.scoped("leaves nothing of an erased prompt in the files", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const secret = "zanzibar-lighthouse-secret"
      const files = Effect.promise(async () => {
        const names = (await readdir(folder)).filter((name) => name.startsWith("image-skill.db"))
        const all = await Promise.all(names.map((name) => readFile(join(folder, name), "latin1")))
        return all.join("")
      })
      const work = { prompt: secret.repeat(700), parameters: {}, image: null, mask: null, references: [] }
      yield* Effect.provide(
        Effect.flatMap(JobStore, (jobs) => jobs.insert(sampleJob("one", { work }), [])),
        storage(folder)
      )
      assert.include(yield* files, secret)
      yield* Effect.provide(
        Effect.gen(function* () {
          const jobs = yield* JobStore
          const lease = Option.getOrThrow(yield* jobs.acquire(jobId("one"), runId("a"), 1, 2, []))
          const end = { status: "completed", answer: {}, error: null, warnings: [], completedAt: 3 } as const
          assert.isTrue(yield* jobs.end(lease, end))
        }),
        storage(folder)
      )
      assert.notInclude(yield* files, secret)
    })
  )

  it.scoped("answers for a record that it cannot read, instead of crashing", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.provide(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* insertOne
          yield* sql`UPDATE jobs SET receipt = '{"torn":'`
          const error = yield* Effect.flip(getOne)
          assert.strictEqual(error.code, "STORAGE_UNAVAILABLE")
          const list = Effect.flatMap(JobStore, (jobs) => jobs.list(organization, { limit: 1, cursor: null }))
          assert.strictEqual((yield* Effect.flip(list)).code, "STORAGE_UNAVAILABLE")
        }),
        storage(folder)
      )
    })
  )
})
