import * as SqlClient from "@effect/sql/SqlClient"
import { pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { OperatorAct, OperatorLog } from "@image-skill/core/operator/OperatorLog"
import { Array, Effect, Layer, Option, Schema } from "effect"
import { json, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const decodeRows = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ sequence: Schema.Int, record: json(OperatorAct) }))
)
const encodeRecord = Schema.encode(json(OperatorAct))

/** The operator's acts in SQL. */
export const layer = Layer.effect(
  OperatorLog,
  Effect.map(SqlClient.SqlClient, (sql) =>
    OperatorLog.of({
      append: (act) =>
        Effect.flatMap(
          encodeRecord(act),
          (record) => sql`INSERT INTO operator_acts ${sql.insert({ act_key: act.key, record })}
                          ON CONFLICT (act_key) DO NOTHING RETURNING sequence`
        ).pipe(
          Effect.map((rows) => rows.length > 0),
          orUnavailable
        ),
      find: (key) =>
        sql`SELECT sequence, record FROM operator_acts WHERE act_key = ${key}`.pipe(
          Effect.flatMap(decodeRows),
          Effect.map((rows) => Option.map(Array.head(rows), ({ record }) => record)),
          orUnavailable
        ),
      list: (query) =>
        sql`SELECT sequence, record FROM operator_acts WHERE sequence < ${sequenceOf(query.cursor) ?? sequenceMax}
            ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
          Effect.flatMap(decodeRows),
          Effect.map((rows) =>
            pageOf(
              rows,
              query,
              ({ record }) => record,
              ({ sequence }) => sequence
            )
          ),
          orUnavailable
        )
    })
  )
)
