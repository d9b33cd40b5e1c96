// Storage on one disk: how long an acceptance takes, how many fit into a second, and what a foreign lock does to us.
// Runs on the compiled packages: `npm run build` first.
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ActivityLog } from "@image-skill/core/activity/ActivityLog"
import { BlobStore } from "@image-skill/core/assets/BlobStore"
import { DailyJobs } from "@image-skill/core/identity/Quota"
import { JobStore } from "@image-skill/core/jobs/JobStore"
import { IdempotencyStore } from "@image-skill/core/kernel/Idempotency"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { LedgerStore } from "@image-skill/core/ledger/LedgerStore"
import { organization, sampleAttempt, sampleEvent, sampleJob } from "@image-skill/core/testing/suites/samples"
import { dataPaths, layerStorage } from "@image-skill/server/Storage"
import { Effect, Layer } from "effect"

const directory = mkdtempSync(join(tmpdir(), "image-skill-bench-"))
const database = dataPaths(directory).database

/** What an accepted request writes: key, job, attempt, hold, one of the day's jobs. */
const accept = (name) =>
  Effect.gen(function* () {
    const transaction = yield* Transaction
    const [jobs, ledger] = [yield* JobStore, yield* LedgerStore]
    const [daily, keys] = [yield* DailyJobs, yield* IdempotencyStore]
    const job = sampleJob(name)
    yield* transaction.run(
      Effect.gen(function* () {
        const scope = { organizationId: organization, endpoint: "create", key: `key-${name}` }
        yield* keys.bind(scope, { bodyHash: "hash", jobId: job.id })
        yield* daily.take(organization, "2026-11-22", 1_000_000)
        yield* jobs.insert(job, [sampleAttempt(name, 0)])
        yield* ledger.post({
          id: `hold:${name}`,
          kind: "hold",
          reference: name,
          entries: [
            { account: "org:org_one:free", unit: "credits", amount: -9 },
            { account: "org:org_one:held", unit: "credits", amount: 9 }
          ],
          guarded: ["org:org_one:free"]
        })
      })
    )
  })

const timed = (effect) =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(effect, () => performance.now() - start)
  })

const percentile = (times, share) => [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * share)]
const show = (name, times) =>
  console.log(
    `${name.padEnd(58)} p50 ${percentile(times, 0.5).toFixed(2)} ms  p99 ${percentile(times, 0.99).toFixed(2)} ms`
  )
const range = (count, start = 0) => Array.from({ length: count }, (_, index) => start + index)

/** The longest that a timer was late while the effect ran. */
const lateness = (effect) =>
  Effect.suspend(() => {
    let worst = 0
    let last = performance.now()
    const timer = setInterval(() => {
      worst = Math.max(worst, performance.now() - last - 2)
      last = performance.now()
    }, 2)
    return Effect.ensuring(
      Effect.map(effect, (result) => ({ result, worst })),
      Effect.sync(() => clearInterval(timer))
    )
  })

/** Another process that holds the write lock for half a second. */
const foreignLock = Effect.async((resume) => {
  const code = `const D = require("libsql"); const d = new D(${JSON.stringify(database)})
    d.exec("BEGIN IMMEDIATE"); console.log("held"); setTimeout(() => { d.exec("COMMIT") }, 500)`
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] })
  child.stdout.once("data", () => resume(Effect.succeed(child)))
})

const program = Effect.gen(function* () {
  const ledger = yield* LedgerStore
  const entries = [
    { account: "org:org_one:free", unit: "credits", amount: 1_000_000 },
    { account: "house:promo", unit: "credits", amount: -1_000_000 }
  ]
  const first = yield* timed(ledger.post({ id: "grant", kind: "grant", reference: "", entries, guarded: [] }))
  console.log(`first use of a new data directory: ${first.toFixed(0)} ms`)
  yield* Effect.forEach(range(200), (n) => accept(`warm${n}`))

  show("accept, one after the other", yield* Effect.forEach(range(2000), (n) => timed(accept(`a${n}`))))
  const count = 2000
  const start = performance.now()
  const times = yield* Effect.forEach(range(count), (n) => timed(accept(`b${n}`)), { concurrency: 64 })
  show("accept, 64 at a time", times)
  console.log(`accepted a second: ${Math.round((count * 1000) / (performance.now() - start))}`)

  const jobs = yield* JobStore
  const log = yield* ActivityLog
  yield* Effect.forEach(range(2000), (n) => log.append([{ organizationId: organization, event: sampleEvent(n) }]))
  const first20 = { limit: 20, cursor: null }
  show("get a job", yield* Effect.forEach(range(1000), (n) => timed(jobs.get(`job_a${n}`))))
  show("list 20 of 4,200 jobs", yield* Effect.forEach(range(200), () => timed(jobs.list(organization, first20))))
  const subject = (n) => log.list(organization, { ...first20, subject: `job_${n}` })
  show("activity of one subject among 2,000 events", yield* Effect.forEach(range(500), (n) => timed(subject(n))))

  const blobs = yield* BlobStore
  const image = new Uint8Array(1_000_000)
  show("put a blob of 1 MB", yield* Effect.forEach(range(100), (n) => timed(blobs.put(`image_${n}.png`, image))))

  yield* foreignLock
  const locked = yield* lateness(
    Effect.all([timed(accept("locked")), timed(jobs.get("job_a1")), timed(jobs.list(organization, first20))], {
      concurrency: "unbounded"
    })
  )
  const [write, get, list] = locked.result
  console.log(`another process holds the write lock for 500 ms: accept took ${write.toFixed(0)} ms,`)
  console.log(
    `  get ${get.toFixed(1)} ms, list ${list.toFixed(1)} ms, the event loop was late by ${locked.worst.toFixed(1)} ms`
  )
})

const layer = layerStorage(directory).pipe(Layer.provide(Ids.layer))
await Effect.runPromise(Effect.provide(program, layer))
const oneUse = Effect.flatMap(JobStore, (jobs) => jobs.get("job_a1"))
const uses = await Effect.runPromise(Effect.forEach(range(20), () => timed(Effect.provide(oneUse, layer))))
show("open, read one job, close", uses)
rmSync(directory, { recursive: true, force: true })
