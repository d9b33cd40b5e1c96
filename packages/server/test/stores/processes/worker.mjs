// A process of its own, on the compiled packages. It does what its parent asks over IPC and answers each request once.
// `transfers` never answers: it goes on until it is killed, and reports every transaction once it is committed.
import { writeSync } from "node:fs"
import { DailyJobs } from "@image-skill/core/identity/Quota"
import { JobStore } from "@image-skill/core/jobs/JobStore"
import { RunRegistry } from "@image-skill/core/jobs/RunRegistry"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { LedgerStore } from "@image-skill/core/ledger/LedgerStore"
import { organization, sampleAttempt, sampleJob } from "@image-skill/core/testing/suites/samples"
import { layerStorage } from "@image-skill/server/Storage"
import { Effect, Layer } from "effect"

const day = "2026-11-22"

/** One job with its attempt, its hold and its place in the day: all or nothing. */
const accept = (name) =>
  Effect.gen(function* () {
    const [transaction, jobs, ledger, daily] = yield* Effect.all([Transaction, JobStore, LedgerStore, DailyJobs])
    yield* transaction.run(
      Effect.gen(function* () {
        yield* daily.take(organization, day, 1_000_000)
        yield* jobs.insert(sampleJob(name), [sampleAttempt(name, 0)])
        yield* ledger.post({
          id: `hold:${name}`,
          kind: "hold",
          reference: name,
          entries: [
            { account: "org:org_one:free", unit: "credits", amount: -1 },
            { account: "org:org_one:held", unit: "credits", amount: 1 }
          ],
          guarded: ["org:org_one:free"]
        })
      })
    )
  })

const requests = {
  /** Opens a data directory that may not be there yet, and writes to it. */
  first: () => Effect.flatMap(DailyJobs, (daily) => daily.take(organization, day, 1_000)),
  accepts: ({ prefix, count }) =>
    Effect.forEach(
      Array.from({ length: count }, (_, n) => n),
      (n) => accept(`${prefix}_${n}`),
      { concurrency: 4, discard: true }
    ),
  transfers: ({ prefix }) =>
    Effect.iterate(0, {
      while: () => true,
      body: (n) =>
        Effect.zipRight(
          accept(`${prefix}_${n}`),
          Effect.sync(() => writeSync(1, `${prefix}_${n}\n`))
        ).pipe(Effect.zipRight(Effect.yieldNow()), Effect.as(n + 1))
    }),
  /** Lives under its lock until it is killed. */
  live: () =>
    Effect.gen(function* () {
      yield* (yield* DailyJobs).used(organization, day)
      process.send({ ok: true, result: (yield* RunRegistry).self })
      yield* Effect.never
    })
}

process.on("message", (request) => {
  const effect = requests[request.kind](request).pipe(
    Effect.provide(layerStorage(request.directory).pipe(Layer.provide(Ids.layer)))
  )
  Effect.runCallback(effect, {
    onExit: (exit) =>
      process.send(
        exit._tag === "Success" ? { ok: true, result: exit.value } : { ok: false, error: String(exit.cause) }
      )
  })
})
process.on("disconnect", () => process.exit(0))
process.send({ ok: true, result: "ready" })
