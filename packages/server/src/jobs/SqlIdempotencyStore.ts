import * as SqlClient from "@effect/sql/SqlClient"
import { type IdempotencyScope, IdempotencyStore } from "@image-skill/core/kernel/Idempotency"
import { JobId } from "@image-skill/core/kernel/Ids"
import { Array, Effect, Layer, Schema } from "effect"
import { column } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const RecordRow = Schema.Struct({ bodyHash: column("body_hash", Schema.String), jobId: column("job_id", JobId) })
const decodeRecords = Schema.decodeUnknown(Schema.Array(RecordRow))

const columnsOf = (scope: IdempotencyScope) => ({
  organization_id: scope.organizationId,
  endpoint: scope.endpoint,
  idempotency_key: scope.key
})

/** Keys in SQL: the primary key decides who was first. */
export const layer = Layer.effect(
  IdempotencyStore,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    find: (scope) =>
      sql`SELECT body_hash, job_id FROM idempotency_keys WHERE organization_id = ${scope.organizationId}
          AND endpoint = ${scope.endpoint} AND idempotency_key = ${scope.key}`.pipe(
        Effect.flatMap(decodeRecords),
        Effect.map(Array.head),
        orUnavailable
      ),
    bind: (scope, { bodyHash, jobId }) =>
      sql`INSERT INTO idempotency_keys ${sql.insert({ ...columnsOf(scope), body_hash: bodyHash, job_id: jobId })}
          ON CONFLICT (organization_id, endpoint, idempotency_key) DO NOTHING RETURNING job_id`.pipe(
        Effect.map((rows) => rows.length > 0),
        orUnavailable
      )
  }))
)
