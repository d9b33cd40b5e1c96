import { Context, Effect, Option } from "effect"
import { BlobStore } from "../../src/assets/BlobStore.ts"
import { ResultSpool } from "../../src/assets/ResultSpool.ts"
import { DailyJobs } from "../../src/identity/Quota.ts"
import { JobStore } from "../../src/jobs/JobStore.ts"
import { IdempotencyStore } from "../../src/kernel/Idempotency.ts"
import { Transaction } from "../../src/kernel/Transaction.ts"
import { LedgerStore } from "../../src/ledger/LedgerStore.ts"
import type { Sabotage } from "../../src/testing/house.ts"
import type { Lasting } from "../../src/testing/SimulatorGround.ts"

const lasting = (change: (services: Context.Context<Lasting>) => Context.Context<Lasting>): Sabotage => ({
  lasting: change
})

/** A store whose steps ask neither for the lease nor for the phase they start from. */
export const unfenced = lasting((services) => {
  const jobs = Context.get(services, JobStore)
  const current = (lease: Parameters<typeof jobs.renew>[0]) =>
    Effect.map(jobs.get(lease.jobId), (found) =>
      Option.match(found, {
        onNone: () => lease,
        onSome: (job) => ({ ...lease, epoch: job.epoch, owner: job.owner ?? lease.owner })
      })
    )
  return Context.add(services, JobStore, {
    ...jobs,
    acquire: (id, owner, now, until) =>
      Effect.flatMap(jobs.get(id), (found) =>
        jobs.acquire(
          id,
          owner,
          now,
          until,
          Option.match(found, { onNone: () => [], onSome: (job) => (job.owner === null ? [] : [job.owner]) })
        )
      ),
    renew: () => Effect.succeed(true),
    advance: (lease, attempt, from, to, patch) =>
      Effect.gen(function* () {
        const rows = yield* jobs.attempts(lease.jobId)
        const phase = rows.find((row) => row.id === attempt)?.phase ?? from
        return yield* jobs.advance(yield* current(lease), attempt, phase, to, patch)
      })
  })
})

const ledger = (change: (real: Context.Tag.Service<LedgerStore>) => Context.Tag.Service<LedgerStore>) =>
  lasting((services) => Context.add(services, LedgerStore, change(Context.get(services, LedgerStore))))

/** Faults that a hurried engineer could write. The laws must notice each. */
export const sabotages: { readonly [name: string]: Sabotage } = {
  "a ledger that settles twice": ledger((real) => ({
    ...real,
    post: (movement) =>
      movement.kind === "settle"
        ? Effect.zipRight(
            real.post({ ...movement, id: `${movement.id}:again`, guarded: [] }),
            real.post({ ...movement, guarded: [] })
          )
        : real.post(movement)
  })),
  "a hold that reads, and then writes without a condition": ledger((real) => ({
    ...real,
    post: (movement) => real.post(movement.kind === "hold" ? { ...movement, guarded: [] } : movement)
  })),
  "a ledger that forgets what is on the house": ledger((real) => ({
    ...real,
    post: (movement) => (movement.kind === "exposure" ? Effect.succeed("posted" as const) : real.post(movement))
  })),
  "a ledger that keeps a release to itself": ledger((real) => ({
    ...real,
    post: (movement) => (movement.kind === "release" ? Effect.succeed("posted" as const) : real.post(movement))
  })),
  "a paid call that is made again after a crash": {
    plugin: (plugin) => ({ ...plugin, models: plugin.models.map((model) => ({ ...model, repeatable: true })) })
  },
  "a transaction that does not roll back": lasting((services) =>
    Context.add(services, Transaction, { run: (effect) => effect })
  ),
  "a spool that gives torn replies back": lasting((services) => {
    const spool = Context.get(services, ResultSpool)
    return Context.add(services, ResultSpool, {
      ...spool,
      read: (attempt) =>
        Effect.map(
          spool.read(attempt),
          Option.map((reply) => ({ ...reply, bytes: reply.bytes.slice(0, 50) }))
        )
    })
  }),
  "a blob store that says it wrote": lasting((services) => {
    const blobs = Context.get(services, BlobStore)
    return Context.add(services, BlobStore, { ...blobs, put: () => Effect.void })
  }),
  "a key that binds every time": lasting((services) => {
    const keys = Context.get(services, IdempotencyStore)
    return Context.add(services, IdempotencyStore, {
      ...keys,
      find: () => Effect.succeedNone,
      bind: () => Effect.succeed(true)
    })
  }),
  "a daily cap that is not counted": lasting((services) => {
    const daily = Context.get(services, DailyJobs)
    return Context.add(services, DailyJobs, { ...daily, take: () => Effect.succeed(true) })
  }),
  "a repair window that has always ended": lasting((services) => {
    const jobs = Context.get(services, JobStore)
    return Context.add(services, JobStore, {
      ...jobs,
      advance: (lease, attempt, from, to, patch) =>
        jobs.advance(lease, attempt, from, to, to === "unstored" ? { ...patch, repairUntil: 0 } : patch)
    })
  }),
  "a job that ends and keeps its prompt": lasting((services) => {
    const jobs = Context.get(services, JobStore)
    return Context.add(services, JobStore, {
      ...jobs,
      end: (lease, end) =>
        Effect.gen(function* () {
          const job = Option.getOrUndefined(yield* jobs.get(lease.jobId))
          return yield* jobs.end(lease, { ...end, warnings: [...end.warnings, job?.work?.prompt ?? ""] })
        })
    })
  })
}
