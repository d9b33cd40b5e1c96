import * as SqlClient from "@effect/sql/SqlClient"
import { DailyJobs } from "@image-skill/core/identity/Quota"
import { Effect, Layer, Schema } from "effect"
import { orUnavailable } from "../sql/StorageProblem.ts"

const decodeUsed = Schema.decodeUnknown(Schema.Array(Schema.Struct({ used: Schema.Int })))
const decodeRefused = Schema.decodeUnknown(Schema.Array(Schema.Struct({ refused: Schema.Int })))

/** Counts per day in SQL. */
export const layer = Layer.effect(
  DailyJobs,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    take: (organization, day, limit, refusedMax = null) =>
      limit < 1
        ? Effect.succeed(false)
        : sql`INSERT INTO daily_jobs ${sql.insert({ organization_id: organization, day, used: 1 })}
              ON CONFLICT (organization_id, day) DO UPDATE SET used = daily_jobs.used + 1
              WHERE daily_jobs.used < ${limit} AND daily_jobs.refused < ${refusedMax ?? Number.MAX_SAFE_INTEGER}
              RETURNING used`.pipe(
            Effect.map((rows) => rows.length > 0),
            orUnavailable
          ),
    used: (organization, day) =>
      sql`SELECT used FROM daily_jobs WHERE organization_id = ${organization} AND day = ${day}`.pipe(
        Effect.flatMap(decodeUsed),
        Effect.map((rows) => rows[0]?.used ?? 0),
        orUnavailable
      ),
    refuse: (organization, day, images) =>
      sql`INSERT INTO daily_jobs ${sql.insert({ organization_id: organization, day, used: 0, refused: images })}
          ON CONFLICT (organization_id, day) DO UPDATE SET refused = daily_jobs.refused + excluded.refused
          RETURNING refused`.pipe(
        Effect.flatMap(decodeRefused),
        Effect.map((rows) => rows[0]?.refused ?? 0),
        orUnavailable
      ),
    refused: (organization, day) =>
      sql`SELECT refused FROM daily_jobs WHERE organization_id = ${organization} AND day = ${day}`.pipe(
        Effect.flatMap(decodeRefused),
        Effect.map((rows) => rows[0]?.refused ?? 0),
        orUnavailable
      )
  }))
)
