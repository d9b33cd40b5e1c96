import * as SqlClient from "@effect/sql/SqlClient"
import { type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Resolution, UnknownOutcome, UnknownOutcomes } from "@image-skill/core/ledger/UnknownOutcomes"
import { Array, Effect, Layer, Schema } from "effect"
import { column, json, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const { fields } = UnknownOutcome
const Row = Schema.Struct({
  attemptId: column("attempt_id", fields.attemptId),
  jobId: column("job_id", fields.jobId),
  organizationId: column("organization_id", fields.organizationId),
  providerId: column("provider_id", fields.providerId),
  modelId: column("model_id", fields.modelId),
  handle: json(fields.handle),
  worstCost: column("worst_cost", fields.worstCost),
  acceptedAt: column("accepted_at", Schema.Int),
  claimedAt: column("claimed_at", fields.claimedAt),
  lostAt: column("lost_at", Schema.Int),
  // NULL while it is open: the indexes say so.
  resolution: Schema.NullOr(json(Resolution))
})
const decodeRows = Schema.decodeUnknown(Schema.Array(Row))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(Row, Sequenced)))
const decodeCount = Schema.decodeUnknown(Schema.Array(Schema.Struct({ count: Schema.Int })))
const encodeRow = Schema.encode(Row)
const encodeResolution = Schema.encode(json(Resolution))

/** Unknown outcomes in SQL. */
export const layer = Layer.effect(
  UnknownOutcomes,
  Effect.map(SqlClient.SqlClient, (sql) => {
    const isOpen = sql.literal("resolution IS NULL")
    const isResolved = sql.literal("resolution IS NOT NULL")
    const list = (state: "open" | "resolved", query: PageQuery) =>
      sql`SELECT * FROM unknown_outcomes WHERE ${state === "open" ? isOpen : isResolved}
          AND sequence < ${sequenceOf(query.cursor) ?? sequenceMax} ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
        Effect.flatMap(decodeListed),
        Effect.map((rows) =>
          pageOf(
            rows,
            query,
            ({ sequence: _, ...outcome }): UnknownOutcome => outcome,
            (row) => row.sequence
          )
        )
      )
    return UnknownOutcomes.of({
      add: (outcome) =>
        Effect.flatMap(
          encodeRow(outcome),
          (row) => sql`INSERT INTO unknown_outcomes ${sql.insert(row)} ON CONFLICT (attempt_id) DO NOTHING`
        ).pipe(Effect.asVoid, orUnavailable),
      get: (id) =>
        sql`SELECT * FROM unknown_outcomes WHERE attempt_id = ${id}`.pipe(
          Effect.flatMap(decodeRows),
          Effect.map(Array.head),
          orUnavailable
        ),
      resolve: (id, resolution) =>
        Effect.flatMap(
          encodeResolution(resolution),
          (text) => sql`UPDATE unknown_outcomes SET resolution = ${text}
                        WHERE attempt_id = ${id} AND ${isOpen} RETURNING attempt_id`
        ).pipe(
          Effect.map((rows) => rows.length > 0),
          orUnavailable
        ),
      list: (state, query) => orUnavailable(list(state, query)),
      countOpen: (most) =>
        sql`SELECT count(*) AS count FROM
            (SELECT sequence FROM unknown_outcomes WHERE ${isOpen} LIMIT ${most}) AS open_ones`.pipe(
          Effect.flatMap(decodeCount),
          Effect.map((rows) => rows[0]?.count ?? 0),
          orUnavailable
        )
    })
  })
)
