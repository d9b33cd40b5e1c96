import { type Context, Effect, Layer, Option, Ref } from "effect"
import type { JobId } from "../../kernel/Ids.ts"
import type { JsonObject } from "../../kernel/Json.ts"
import { pageOf } from "../../kernel/Page.ts"
import { MemoryTables } from "../../kernel/Transaction.ts"
import { type Attempt, inputsOf, isTerminal, type Job } from "../Job.ts"
import type { JobHead, JobStore, Lease, OwnedAttempt } from "../JobStore.ts"

interface Row {
  readonly job: Job
  readonly attempts: ReadonlyArray<Attempt>
  readonly sequence: number
}

const current = (row: Row, lease: Lease) =>
  row.job.epoch === lease.epoch && row.job.owner === lease.owner && !isTerminal(row.job.status)

const headOf = ({ work: _work, receipt: _receipt, answer: _answer, warnings: _warnings, ...head }: Job): JobHead => head

const ownedOf = ({ attempts, job }: Row): ReadonlyArray<OwnedAttempt> =>
  attempts.map((attempt) => ({
    attempt,
    organizationId: job.organizationId,
    modelId: job.modelId,
    acceptedAt: job.createdAt
  }))

export const layerMemory = (tag: typeof JobStore) => Layer.effect(tag, make)

const make: Effect.Effect<Context.Tag.Service<JobStore>, never, MemoryTables> = Effect.gen(function* () {
  const tables = yield* MemoryTables
  const rows = yield* tables.table<ReadonlyMap<JobId, Row>>(new Map())
  const late = yield* tables.table<ReadonlyArray<JsonObject>>([])

  /** Changes one row, or leaves it when `change` answers null. */
  const update = (id: JobId, change: (row: Row) => Row | null) =>
    tables.transact(
      Ref.modify(rows, (all) => {
        const row = all.get(id)
        const next = row === undefined ? null : change(row)
        return next === null ? [false, all] : [true, new Map(all).set(id, next)]
      })
    )
  const get = (id: JobId) => Effect.map(Ref.get(rows), (all) => Option.fromNullable(all.get(id)))

  return {
    insert: (job, attempts) => {
      const inOrder = [...attempts].sort((a, b) => a.index - b.index)
      return tables.transact(
        Ref.update(rows, (all) => new Map(all).set(job.id, { job, attempts: inOrder, sequence: all.size + 1 }))
      )
    },
    get: (id) =>
      Effect.map(
        get(id),
        Option.map((row) => row.job)
      ),
    find: (organization, id) =>
      Effect.map(get(id), (row) =>
        row.pipe(
          Option.map((found) => found.job),
          Option.filter((job) => job.organizationId === organization)
        )
      ),
    list: (organization, query) =>
      Effect.map(Ref.get(rows), (all) =>
        pageOf(
          [...all.values()]
            .filter((row) => row.job.organizationId === organization)
            .sort((a, b) => b.sequence - a.sequence),
          query,
          (row) => row.job,
          (row) => row.sequence
        )
      ),
    listAll: ({ organizationId, providerId, status }, query) =>
      Effect.map(Ref.get(rows), (all) =>
        pageOf(
          [...all.values()]
            .filter(({ job }) => organizationId === null || job.organizationId === organizationId)
            .filter(({ job }) => providerId === null || job.providerId === providerId)
            .filter(({ job }) => status === null || job.status === status)
            .sort((a, b) => b.sequence - a.sequence),
          query,
          ({ job }) => headOf(job),
          (row) => row.sequence
        )
      ),
    openAttempts: Effect.map(Ref.get(rows), (all) =>
      [...all.values()].filter(({ job }) => !isTerminal(job.status)).flatMap(ownedOf)
    ),
    attemptsAfter: (sequence, most) =>
      Effect.map(Ref.get(rows), (all) => {
        const page = [...all.values()]
          .filter((row) => row.sequence > sequence)
          .sort((a, b) => a.sequence - b.sequence)
          .slice(0, most)
        return { attempts: page.flatMap(ownedOf), last: page.at(-1)?.sequence ?? null }
      }),
    attempts: (id) => Effect.map(get(id), (row) => Option.match(row, { onNone: () => [], onSome: (r) => r.attempts })),
    acquire: (id, owner, now, until, dead) =>
      tables.transact(
        Effect.gen(function* () {
          const row = Option.getOrUndefined(yield* get(id))
          if (row === undefined || isTerminal(row.job.status)) return Option.none()
          const holder = row.job.owner
          const free = holder === null || dead.includes(holder) || (row.job.leaseUntil ?? 0) < now
          if (!free) return Option.none()
          const epoch = row.job.epoch + 1
          yield* update(id, () => ({ ...row, job: { ...row.job, status: "running", owner, leaseUntil: until, epoch } }))
          return Option.some({ jobId: id, owner, epoch })
        })
      ),
    renew: (lease, until) =>
      update(lease.jobId, (row) => (current(row, lease) ? { ...row, job: { ...row.job, leaseUntil: until } } : null)),
    release: (lease) =>
      Effect.asVoid(
        update(lease.jobId, (row) =>
          current(row, lease) ? { ...row, job: { ...row.job, owner: null, leaseUntil: null } } : null
        )
      ),
    advance: (lease, attempt, from, to, patch) =>
      update(lease.jobId, (row) => {
        const found = row.attempts.find((one) => one.id === attempt)
        if (!current(row, lease) || found?.phase !== from) return null
        const attempts = row.attempts.map((one) => (one === found ? { ...one, ...patch, phase: to } : one))
        const job: Job = to === "claimed" ? { ...row.job, status: "running" } : row.job
        return { ...row, job, attempts }
      }),
    end: (lease, end) =>
      update(lease.jobId, (row) =>
        current(row, lease) ? { ...row, job: { ...row.job, ...end, work: null, owner: null, leaseUntil: null } } : null
      ),
    cancelRequested: (id) =>
      Effect.map(
        get(id),
        Option.exists((row) => row.job.cancelRequested)
      ),
    requestCancel: (organization, id) =>
      update(id, (row) =>
        row.job.organizationId === organization && !isTerminal(row.job.status)
          ? { ...row, job: { ...row.job, cancelRequested: true } }
          : null
      ),
    open: (limit) =>
      Effect.map(Ref.get(rows), (all) =>
        [...all.values()]
          .filter((row) => !isTerminal(row.job.status))
          .sort((a, b) => a.sequence - b.sequence)
          .slice(0, limit)
          .map(({ job }) => ({ id: job.id, owner: job.owner, leaseUntil: job.leaseUntil }))
      ),
    openWith: (organization, asset) =>
      Effect.map(Ref.get(rows), (all) =>
        Option.fromNullable(
          [...all.values()].find(
            ({ job }) =>
              job.organizationId === organization &&
              !isTerminal(job.status) &&
              job.work !== null &&
              inputsOf(job.work).includes(asset)
          )?.job.id
        )
      ),
    keepLate: (attempt, event, details, at) =>
      tables.transact(Ref.update(late, (all) => [...all, { attempt_id: attempt, event, details, at }]))
  }
})
