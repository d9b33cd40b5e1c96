import { Context, Effect } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobError, BlobStore } from "../assets/BlobStore.ts"
import { ResultSpool } from "../assets/ResultSpool.ts"
import { DailyJobs } from "../identity/Quota.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { failure } from "../kernel/Errors.ts"
import { IdempotencyStore } from "../kernel/Idempotency.ts"
import { type StorageUnavailable, Transaction } from "../kernel/Transaction.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"
import { UnknownOutcomes } from "../ledger/UnknownOutcomes.ts"
import type { Lasting } from "./SimulatorGround.ts"

/** What is broken for one life, until when in virtual time. A life whose database is away sees none of the others. */
export interface Faults {
  databaseUntil: number
  blobsUntil: number
  spoolUntil: number
  /** The spool's disk says how full it is. One over its quota does not. */
  tellsRoom: boolean
  /** The database refuses its nth operation from now, once; negative for none. */
  hiccupIn: number
  /** The next transaction that is written is reported as failed. */
  losesCommit: boolean
  /** It has happened: an answer "nothing was done" may be wrong. */
  hasLostCommit: boolean
}

export const noFaults = (): Faults => ({
  databaseUntil: 0,
  blobsUntil: 0,
  spoolUntil: 0,
  tellsRoom: false,
  hiccupIn: -1,
  losesCommit: false,
  hasLostCommit: false
})

const away = failure("STORAGE_UNAVAILABLE", "the database does not answer")

/** The lasting services as one life sees them, through its faults. */
export const throughFaults = (
  lasting: Context.Context<Lasting>,
  faults: Faults,
  now: () => number
): Context.Context<Lasting> => {
  const database = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | StorageUnavailable, R> =>
    Effect.suspend((): Effect.Effect<A, E | StorageUnavailable, R> => {
      faults.hiccupIn -= 1
      return faults.hiccupIn === 0 || now() < faults.databaseUntil ? Effect.fail(away) : effect
    })
  const disk = <A>(until: () => number, effect: Effect.Effect<A, BlobError>): Effect.Effect<A, BlobError> =>
    Effect.suspend(() => (now() < until() ? Effect.fail(new BlobError({ message: "the disk is full" })) : effect))
  const blobDisk = <A>(effect: Effect.Effect<A, BlobError>) => disk(() => faults.blobsUntil, effect)
  const spoolDisk = <A>(effect: Effect.Effect<A, BlobError>) => disk(() => faults.spoolUntil, effect)

  const transaction = Context.get(lasting, Transaction)
  const jobs = Context.get(lasting, JobStore)
  const ledger = Context.get(lasting, LedgerStore)
  const budgets = Context.get(lasting, Budgets)
  const unknowns = Context.get(lasting, UnknownOutcomes)
  const activity = Context.get(lasting, ActivityLog)
  const assets = Context.get(lasting, AssetStore)
  const daily = Context.get(lasting, DailyJobs)
  const keys = Context.get(lasting, IdempotencyStore)
  const blobs = Context.get(lasting, BlobStore)
  const spool = Context.get(lasting, ResultSpool)

  const lostCommit = Effect.suspend(() => {
    if (!faults.losesCommit) return Effect.void
    faults.losesCommit = false
    faults.hasLostCommit = true
    return Effect.fail(away)
  })

  return lasting.pipe(
    Context.add(Transaction, {
      run: (effect) => database(Effect.zipLeft(transaction.run(effect), lostCommit))
    }),
    Context.add(JobStore, {
      ...jobs,
      insert: (job, attempts) => database(jobs.insert(job, attempts)),
      get: (id) => database(jobs.get(id)),
      find: (organization, id) => database(jobs.find(organization, id)),
      list: (organization, query) => database(jobs.list(organization, query)),
      attempts: (id) => database(jobs.attempts(id)),
      acquire: (id, owner, at, until, dead) => database(jobs.acquire(id, owner, at, until, dead)),
      renew: (lease, until) => database(jobs.renew(lease, until)),
      release: (lease) => database(jobs.release(lease)),
      advance: (lease, attempt, from, to, patch) => database(jobs.advance(lease, attempt, from, to, patch)),
      end: (lease, end) => database(jobs.end(lease, end)),
      requestCancel: (organization, id) => database(jobs.requestCancel(organization, id)),
      open: (limit) => database(jobs.open(limit)),
      openWith: (organization, asset) => database(jobs.openWith(organization, asset)),
      keepLate: (attempt, event, details, at) => database(jobs.keepLate(attempt, event, details, at))
    }),
    Context.add(LedgerStore, {
      ...ledger,
      post: (movement) => database(ledger.post(movement)),
      balances: (accounts) => database(ledger.balances(accounts)),
      all: database(ledger.all)
    }),
    Context.add(Budgets, {
      ...budgets,
      reserve: (use, worst) => database(budgets.reserve(use, worst)),
      settle: (use, reserved, spent) => database(budgets.settle(use, reserved, spent))
    }),
    Context.add(UnknownOutcomes, { ...unknowns, add: (outcome) => database(unknowns.add(outcome)) }),
    Context.add(ActivityLog, {
      append: (events) => database(activity.append(events)),
      list: (organization, query) => database(activity.list(organization, query)),
      find: (organization, id) => database(activity.find(organization, id))
    }),
    Context.add(AssetStore, {
      insert: (rows) => database(assets.insert(rows)),
      find: (organization, id) => database(assets.find(organization, id)),
      findByCapability: (id) => database(assets.findByCapability(id)),
      list: (organization, query) => database(assets.list(organization, query)),
      ofJob: (organization, job) => database(assets.ofJob(organization, job)),
      deletedOf: (organization, ids) => database(assets.deletedOf(organization, ids)),
      remove: (organization, id, at) => database(assets.remove(organization, id, at)),
      toErase: (limit) => database(assets.toErase(limit)),
      erased: (id, at) => database(assets.erased(id, at)),
      await: (blob) => database(assets.await(blob)),
      arrived: (key) => database(assets.arrived(key)),
      awaited: (limit) => database(assets.awaited(limit))
    }),
    Context.add(DailyJobs, {
      take: (organization, day, limit, refusedMax) => database(daily.take(organization, day, limit, refusedMax)),
      used: (organization, day) => database(daily.used(organization, day)),
      refuse: (organization, day, images) => database(daily.refuse(organization, day, images)),
      refused: (organization, day) => database(daily.refused(organization, day))
    }),
    Context.add(IdempotencyStore, {
      find: (scope) => database(keys.find(scope)),
      bind: (scope, record) => database(keys.bind(scope, record))
    }),
    Context.add(BlobStore, {
      put: (key, bytes) => blobDisk(blobs.put(key, bytes)),
      get: (key) => blobDisk(blobs.get(key)),
      remove: (key) => blobDisk(blobs.remove(key))
    }),
    Context.add(ResultSpool, {
      write: (attempt, reply) => spoolDisk(spool.write(attempt, reply)),
      read: (attempt) => spoolDisk(spool.read(attempt)),
      remove: (attempt) => spoolDisk(spool.remove(attempt)),
      roomBytes: Effect.suspend(() =>
        faults.tellsRoom && now() < faults.spoolUntil ? Effect.succeed(0) : spool.roomBytes
      )
    })
  )
}
