import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import { QueueOutcome } from "@image-skill/core/feedback/FeedbackQueue"
import { FeedbackStore } from "@image-skill/core/feedback/FeedbackStore"
import { Signal } from "@image-skill/core/feedback/Signal"
import { pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Array, Effect, Layer, Schema } from "effect"
import { json, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const Row = Schema.Struct({
  signal: Schema.propertySignature(json(Signal)).pipe(Schema.fromKey("record")),
  outcome: Schema.NullOr(json(QueueOutcome))
})
const decodeRows = Schema.decodeUnknown(Schema.Array(Row))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(Row, Sequenced)))
const encodeSignal = Schema.encode(json(Signal))
const encodeOutcome = Schema.encode(json(QueueOutcome))

/** Whether a conditional write found its row. */
const hit = (statement: Statement<object>) => Effect.map(statement, (rows) => rows.length > 0)

const make = Effect.map(SqlClient.SqlClient, (sql) =>
  FeedbackStore.of({
    insert: (signal) =>
      orUnavailable(
        Effect.flatMap(encodeSignal(signal), (record) =>
          hit(
            sql`INSERT INTO feedback ${sql.insert({
              id: signal.id,
              organization_id: signal.organizationId,
              dedupe_key: signal.dedupeKey,
              idempotency_key: signal.idempotencyKey,
              record,
              created_at: signal.createdAt
            })} ON CONFLICT DO NOTHING RETURNING id`
          )
        )
      ),
    findRepeated: (organization, { key, kind }) =>
      sql`SELECT record, outcome FROM feedback WHERE organization_id = ${organization}
          AND ${kind === "dedupe" ? sql`dedupe_key` : sql`idempotency_key`} = ${key}`.pipe(
        Effect.flatMap(decodeRows),
        Effect.map(Array.head),
        orUnavailable
      ),
    list: (query) =>
      sql`SELECT sequence, record, outcome FROM feedback WHERE sequence < ${sequenceOf(query.cursor) ?? sequenceMax}
          ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
        Effect.flatMap(decodeListed),
        Effect.map((rows) =>
          pageOf(
            rows,
            query,
            ({ sequence: _, ...kept }) => kept,
            (row) => row.sequence
          )
        ),
        orUnavailable
      ),
    toOffer: (before, limit) =>
      sql`SELECT record, outcome FROM feedback WHERE outcome IS NULL AND created_at < ${before}
          ORDER BY created_at, sequence LIMIT ${limit}`.pipe(
        Effect.flatMap(decodeRows),
        Effect.map(Array.map(({ signal }) => signal)),
        orUnavailable
      ),
    offered: (id, outcome) =>
      orUnavailable(
        Effect.flatMap(encodeOutcome(outcome), (text) =>
          hit(sql`UPDATE feedback SET outcome = ${text} WHERE id = ${id} AND outcome IS NULL RETURNING id`)
        )
      )
  })
)

/** Feedback in SQL. Unique indexes decide which of two with the same key was first. */
export const layer = Layer.effect(FeedbackStore, make)
