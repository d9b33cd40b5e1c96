import { FileSystem } from "@effect/platform"
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Schema } from "effect"
import { makeWholeFiles } from "./internal/wholeFiles.ts"

const lookMax = 500
const decodeIds = Schema.decodeUnknown(Schema.Array(Schema.Struct({ id: Schema.String })))

/**
 * Clears the spool of what nobody needs any more: a process that dies between a settlement and its tidying leaves the
 * reply behind. Replies of open attempts stay, of unknown ones, and those that came late: they are worth money.
 */
export class SpoolSweep extends Context.Tag("@image-skill/server/SpoolSweep")<
  SpoolSweep,
  { readonly run: Effect.Effect<void> }
>() {}

const make = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const files = yield* makeWholeFiles(folder, "flat")
  const sql = yield* SqlClient.SqlClient
  const run = Effect.gen(function* () {
    // The commonest case touches no database.
    if (!(yield* fs.exists(folder))) return
    const names = (yield* files.names).slice(0, lookMax)
    if (names.length === 0) return
    const ended = yield* Effect.flatMap(
      sql`SELECT id FROM attempts WHERE id IN ${sql.in(names)}
          AND phase IN ('delivered', 'refused', 'canceled', 'abandoned')
          AND id NOT IN (SELECT attempt_id FROM late_results)`,
      decodeIds
    )
    yield* Effect.forEach(ended, ({ id }) => files.remove(id), { discard: true })
  })
  return { run: Effect.catchAll(run, (error) => Effect.logWarning("replies of ended attempts stay", error)) }
})

/** Of the replies under `folder`. */
export const layer = (folder: string) => Layer.effect(SpoolSweep, make(folder))
