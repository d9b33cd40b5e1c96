import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import { inputsOf } from "@image-skill/core/jobs/Job"
import { type JobFilter, JobStore, type Lease, type OwnedAttempt } from "@image-skill/core/jobs/JobStore"
import type { JobId, OrganizationId } from "@image-skill/core/kernel/Ids"
import { JsonObject } from "@image-skill/core/kernel/Json"
import { cursorOf, type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { Array, Effect, Layer, Option, Schema } from "effect"
import { json, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"
import { AttemptPatchRow, AttemptRow, EndRow, HeadRow, JobRow, OpenRow } from "./jobRows.ts"

const decodeJobs = Schema.decodeUnknown(Schema.Array(JobRow))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(JobRow, Sequenced)))
const decodeAttempts = Schema.decodeUnknown(Schema.Array(AttemptRow))
const decodeOpen = Schema.decodeUnknown(Schema.Array(OpenRow))
const decodeWorks = Schema.decodeUnknown(Schema.Array(JobRow.pick("id", "work")))
const HeadListed = Schema.extend(HeadRow, Sequenced)
const OwnerRow = Schema.extend(JobRow.pick("id", "organizationId", "modelId", "createdAt"), Sequenced)
const decodeHeads = Schema.decodeUnknown(Schema.Array(HeadListed))
const decodeOwners = Schema.decodeUnknown(Schema.Array(OwnerRow))
const decodeCancels = Schema.decodeUnknown(Schema.Array(JobRow.pick("cancelRequested")))
const decodeEpochs = Schema.decodeUnknown(Schema.Array(Schema.Struct({ epoch: Schema.Int })))
const encodeJob = Schema.encode(JobRow)
const encodeAttempts = Schema.encode(Schema.Array(AttemptRow))
const encodePatch = Schema.encode(AttemptPatchRow)
const encodeEnd = Schema.encode(EndRow)
const encodeDetails = Schema.encode(json(JsonObject))

/** The JSON of no work: the prompt is gone. */
const erased = "null"

/** What the JSON of a work that names an id looks like. In a prompt the quotes would be escaped. */
const naming = (id: string) => `%"${id.replace(/[\\%_]/g, "\\$&")}"%`

/** Whether a conditional write found its row. */
const hit = (statement: Statement<object>) => Effect.map(statement, (rows) => rows.length > 0)

/** All but the prompt, the receipt and the answer, which may be long. */
const headColumns = `sequence, id, organization_id, agent_id, trace_id, command, operation, model_id, provider_id,
  capability_id, status, epoch, owner, lease_until, cancel_requested, idempotency_key, error,
  created_at, completed_at, deadline_at`

/** Jobs that one page of a list with several filters looks at. */
const windowMost = 2_000

const headsOf = (rows: ReadonlyArray<typeof HeadListed.Type>, query: PageQuery) =>
  pageOf(
    rows,
    query,
    ({ sequence: _, ...head }) => head,
    (row) => row.sequence
  )

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction
  /** The same text as in the index `jobs_open`: with other words it would not be used. */
  const isOpen = sql.literal("status IN ('queued', 'running')")
  const heads = sql.literal(headColumns)
  const owners = sql.literal("sequence, id, organization_id, model_id, created_at")
  const ofLease = (lease: Lease) =>
    sql`id = ${lease.jobId} AND owner = ${lease.owner} AND epoch = ${lease.epoch} AND ${isOpen}`

  const insertAttempts = (attempts: ReadonlyArray<typeof AttemptRow.Type>) =>
    attempts.length === 0
      ? Effect.void
      : Effect.flatMap(encodeAttempts(attempts), (rows) => sql`INSERT INTO attempts ${sql.insert(rows)}`)

  const thenRunning = <E, R>({ jobId }: Lease, moved: Effect.Effect<boolean, E, R>) =>
    Effect.tap(moved, (isMoved) =>
      isMoved ? sql`UPDATE jobs SET status = 'running' WHERE id = ${jobId} AND status = 'queued'` : Effect.void
    )

  const one = (rows: Statement<object>) => orUnavailable(Effect.map(Effect.flatMap(rows, decodeJobs), Array.head))

  const list = (organization: OrganizationId, query: PageQuery) =>
    sql`SELECT * FROM jobs WHERE organization_id = ${organization}
        AND sequence < ${sequenceOf(query.cursor) ?? sequenceMax}
        ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
      Effect.flatMap(decodeListed),
      Effect.map((rows) =>
        pageOf(
          rows,
          query,
          ({ sequence: _, ...job }) => job,
          (row) => row.sequence
        )
      )
    )

  const open = (limit: number) =>
    Effect.flatMap(
      sql`SELECT id, owner, lease_until FROM jobs WHERE ${isOpen} ORDER BY sequence LIMIT ${limit}`,
      decodeOpen
    )

  /** By the narrowest filter that has an index; the others look at what it finds, and at no more than a window of it. */
  const listAll = ({ organizationId, providerId, status }: JobFilter, query: PageQuery) => {
    const byStatus =
      status === "queued" || status === "running"
        ? sql`${isOpen} AND status = ${status}`
        : sql`status = ${status} AND completed_at IS NOT NULL`
    const filters = [
      ...(organizationId === null ? [] : [sql`organization_id = ${organizationId}`]),
      ...(providerId === null ? [] : [sql`provider_id = ${providerId}`]),
      ...(status === null ? [] : [byStatus])
    ]
    const [first = sql`1 = 1`, ...rest] = filters
    const before = sequenceOf(query.cursor) ?? sequenceMax
    const most = rest.length === 0 ? query.limit + 1 : windowMost
    const window = sql`SELECT ${heads} FROM jobs WHERE ${first} AND sequence < ${before} ORDER BY sequence DESC LIMIT ${most}`
    if (rest.length === 0) return Effect.map(Effect.flatMap(window, decodeHeads), (rows) => headsOf(rows, query))
    return Effect.gen(function* () {
      const seen = yield* decodeHeads(yield* window)
      const found = seen.filter(
        (row) => (providerId === null || row.providerId === providerId) && (status === null || row.status === status)
      )
      const page = headsOf(found, query)
      const last = seen.at(-1)
      const leadsOn = page.nextCursor === null && seen.length === windowMost && last !== undefined
      return leadsOn ? { ...page, nextCursor: cursorOf(last.sequence) } : page
    })
  }

  const attemptsOf = (jobs: ReadonlyArray<typeof OwnerRow.Type>) =>
    Effect.gen(function* () {
      if (jobs.length === 0) return []
      const owners = new Map(jobs.map((job) => [job.id, job]))
      const rows = yield* Effect.flatMap(
        sql`SELECT * FROM attempts WHERE job_id IN ${sql.in([...owners.keys()])} ORDER BY job_id, position`,
        decodeAttempts
      )
      return rows.flatMap((attempt): ReadonlyArray<OwnedAttempt> => {
        const job = owners.get(attempt.jobId)
        if (job === undefined) return []
        return [{ attempt, organizationId: job.organizationId, modelId: job.modelId, acceptedAt: job.createdAt }]
      })
    })

  const openAttempts = Effect.flatMap(
    Effect.flatMap(sql`SELECT ${owners} FROM jobs WHERE ${isOpen} ORDER BY sequence`, decodeOwners),
    attemptsOf
  )

  const attemptsAfter = Effect.fnUntraced(function* (sequence: number, most: number) {
    const jobs = yield* Effect.flatMap(
      sql`SELECT ${owners} FROM jobs WHERE sequence > ${sequence} ORDER BY sequence LIMIT ${most}`,
      decodeOwners
    )
    return { attempts: yield* attemptsOf(jobs), last: jobs.at(-1)?.sequence ?? null }
  })

  return JobStore.of({
    insert: (job, attempts) =>
      transaction.run(
        orUnavailable(
          Effect.gen(function* () {
            yield* sql`INSERT INTO jobs ${sql.insert(yield* encodeJob(job))}`
            yield* insertAttempts(attempts)
          })
        )
      ),
    get: (id) => one(sql`SELECT * FROM jobs WHERE id = ${id}`),
    find: (organization, id) => one(sql`SELECT * FROM jobs WHERE id = ${id} AND organization_id = ${organization}`),
    list: (organization, query) => orUnavailable(list(organization, query)),
    listAll: (filter, query) => orUnavailable(listAll(filter, query)),
    openAttempts: transaction.run(orUnavailable(openAttempts)),
    attemptsAfter: (sequence, most) => transaction.run(orUnavailable(attemptsAfter(sequence, most))),
    attempts: (id: JobId) =>
      orUnavailable(Effect.flatMap(sql`SELECT * FROM attempts WHERE job_id = ${id} ORDER BY position`, decodeAttempts)),
    acquire: (id, owner, now, until, dead) =>
      sql`UPDATE jobs SET status = 'running', owner = ${owner}, lease_until = ${until}, epoch = epoch + 1
          WHERE id = ${id} AND ${isOpen} AND (owner IS NULL OR coalesce(lease_until, 0) < ${now}
          ${dead.length === 0 ? sql`` : sql`OR owner IN ${sql.in(dead)}`}) RETURNING epoch`.pipe(
        Effect.flatMap(decodeEpochs),
        Effect.map((rows) => Option.map(Array.head(rows), ({ epoch }) => ({ jobId: id, owner, epoch }))),
        orUnavailable
      ),
    renew: (lease, until) =>
      orUnavailable(hit(sql`UPDATE jobs SET lease_until = ${until} WHERE ${ofLease(lease)} RETURNING id`)),
    release: (lease) =>
      orUnavailable(Effect.asVoid(sql`UPDATE jobs SET owner = NULL, lease_until = NULL WHERE ${ofLease(lease)}`)),
    advance: (lease, attempt, from, to, patch) => {
      const moved = Effect.flatMap(encodePatch(patch), (columns) =>
        hit(sql`UPDATE attempts SET ${sql.update({ ...columns, phase: to })}
                WHERE id = ${attempt} AND job_id = ${lease.jobId} AND phase = ${from}
                AND EXISTS (SELECT 1 FROM jobs WHERE ${ofLease(lease)}) RETURNING id`)
      )
      return to === "claimed" ? transaction.run(orUnavailable(thenRunning(lease, moved))) : orUnavailable(moved)
    },
    end: (lease, end) =>
      orUnavailable(
        Effect.flatMap(encodeEnd(end), (columns) =>
          hit(sql`UPDATE jobs SET ${sql.update({ ...columns, work: erased, owner: null, lease_until: null })}
                  WHERE ${ofLease(lease)} RETURNING id`)
        )
      ),
    cancelRequested: (id) =>
      sql`SELECT cancel_requested FROM jobs WHERE id = ${id}`.pipe(
        Effect.flatMap(decodeCancels),
        Effect.map((rows) => rows[0]?.cancelRequested ?? false),
        orUnavailable
      ),
    requestCancel: (organization, id) =>
      orUnavailable(
        hit(sql`UPDATE jobs SET cancel_requested = 1
                WHERE id = ${id} AND organization_id = ${organization} AND ${isOpen} RETURNING id`)
      ),
    open: (limit) => orUnavailable(open(limit)),
    openWith: (organization, asset) =>
      sql`SELECT id, work FROM jobs WHERE organization_id = ${organization} AND ${isOpen}
          AND work LIKE ${naming(asset)} ESCAPE '\\'`.pipe(
        Effect.flatMap(decodeWorks),
        Effect.map((rows) =>
          Option.map(
            Array.findFirst(rows, ({ work }) => work !== null && inputsOf(work).includes(asset)),
            ({ id }) => id
          )
        ),
        orUnavailable
      ),
    keepLate: (attempt, event, details, at) =>
      orUnavailable(
        Effect.flatMap(
          encodeDetails(details),
          (text) => sql`INSERT INTO late_results (attempt_id, event, details, arrived_at)
                        VALUES (${attempt}, ${event}, ${text}, ${at})`
        )
      )
  })
})

/** Jobs in SQL: every claim and every step is one conditional update. */
export const layer = Layer.effect(JobStore, make)
