import * as SqlClient from "@effect/sql/SqlClient"
import { FreeCredits } from "@image-skill/core/identity/FreeCredits"
import { Effect, Layer, Schema } from "effect"
import { orUnavailable } from "../sql/StorageProblem.ts"

const decodeGiven = Schema.decodeUnknown(Schema.Array(Schema.Struct({ given: Schema.Int })))

/** The day's gifts in SQL. */
export const layer = Layer.effect(
  FreeCredits,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    take: (day, amount, most) =>
      amount > most
        ? Effect.succeed(false)
        : sql`INSERT INTO free_credits ${sql.insert({ day, given: amount })}
              ON CONFLICT (day) DO UPDATE SET given = free_credits.given + excluded.given
              WHERE free_credits.given + excluded.given <= ${most} RETURNING given`.pipe(
            Effect.map((rows) => rows.length > 0),
            orUnavailable
          ),
    given: (day) =>
      sql`SELECT given FROM free_credits WHERE day = ${day}`.pipe(
        Effect.flatMap(decodeGiven),
        Effect.map((rows) => rows[0]?.given ?? 0),
        orUnavailable
      )
  }))
)
