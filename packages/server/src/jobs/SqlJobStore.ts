import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import { JobStore, type Lease } from "@image-skill/core/jobs/JobStore"
import type { JobId, OrganizationId } from "@image-skill/core/kernel/Ids"
import { JsonObject } from "@image-skill/core/kernel/Json"
import { type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { Array, Effect, Layer, Option, Schema } from "effect"
import { json, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"
import { AttemptPatchRow, AttemptRow, EndRow, JobRow, OpenRow } from "./jobRows.ts"

const decodeJobs = Schema.decodeUnknown(Schema.Array(JobRow))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(JobRow, Sequenced)))
const decodeAttempts = Schema.decodeUnknown(Schema.Array(AttemptRow))
const decodeOpen = Schema.decodeUnknown(Schema.Array(OpenRow))
const decodeEpochs = Schema.decodeUnknown(Schema.Array(Schema.Struct({ epoch: Schema.Int })))
const encodeJob = Schema.encode(JobRow)
const encodeAttempt = Schema.encode(AttemptRow)
const encodePatch = Schema.encode(AttemptPatchRow)
const encodeEnd = Schema.encode(EndRow)
const encodeDetails = Schema.encode(json(JsonObject))

/** The JSON of no work: the prompt is gone. */
const erased = "null"

/** Whether a conditional write found its row. */
const hit = (statement: Statement<object>) => Effect.map(statement, (rows) => rows.length > 0)

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction
  /** The same text as in the index `jobs_open`: with other words it would not be used. */
  const isOpen = sql.literal("status IN ('queued', 'running')")
  const ofLease = (lease: Lease) =>
    sql`id = ${lease.jobId} AND owner = ${lease.owner} AND epoch = ${lease.epoch} AND ${isOpen}`

  const insertAttempt = (attempt: typeof AttemptRow.Type) =>
    Effect.flatMap(encodeAttempt(attempt), (row) => sql`INSERT INTO attempts ${sql.insert(row)}`)

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

  return JobStore.of({
    insert: (job, attempts) =>
      transaction.run(
        orUnavailable(
          Effect.gen(function* () {
            yield* sql`INSERT INTO jobs ${sql.insert(yield* encodeJob(job))}`
            yield* Effect.forEach(attempts, insertAttempt, { discard: true })
          })
        )
      ),
    get: (id) => one(sql`SELECT * FROM jobs WHERE id = ${id}`),
    find: (organization, id) => one(sql`SELECT * FROM jobs WHERE id = ${id} AND organization_id = ${organization}`),
    list: (organization, query) => orUnavailable(list(organization, query)),
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
    advance: (lease, attempt, from, to, patch) =>
      orUnavailable(
        Effect.flatMap(encodePatch(patch), (columns) =>
          hit(sql`UPDATE attempts SET ${sql.update({ ...columns, phase: to })}
                  WHERE id = ${attempt} AND job_id = ${lease.jobId} AND phase = ${from}
                  AND EXISTS (SELECT 1 FROM jobs WHERE ${ofLease(lease)}) RETURNING id`)
        )
      ),
    end: (lease, end) =>
      orUnavailable(
        Effect.flatMap(encodeEnd(end), (columns) =>
          hit(sql`UPDATE jobs SET ${sql.update({ ...columns, work: erased, owner: null, lease_until: null })}
                  WHERE ${ofLease(lease)} RETURNING id`)
        )
      ),
    requestCancel: (organization, id) =>
      orUnavailable(
        hit(sql`UPDATE jobs SET cancel_requested = 1
                WHERE id = ${id} AND organization_id = ${organization} AND ${isOpen} RETURNING id`)
      ),
    open: (limit) => orUnavailable(open(limit)),
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
