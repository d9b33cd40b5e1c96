/**
 * What earlier runs of a batch saw of its items, by idempotency key. It only saves questions: that nothing is paid twice
 * rests on the keys, which the server knows.
 */
import { createHash } from "node:crypto"
import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Either, Schema } from "effect"
import type { Settings } from "./config.ts"
import { inWords, readLimited, reasonOf } from "./files.ts"

const Line = Schema.parseJson(Schema.Struct({ key: Schema.String, status: Schema.Literal("completed", "failed") }))

/** `failed` is final under its key: only another one can do better. */
export type Journal = ReadonlyMap<string, "completed" | "failed">

const folderOf = (settings: Settings) => join(settings.dataDirectory, "batches")

const pathOf = (settings: Settings, batchId: string): string =>
  join(
    folderOf(settings),
    `${createHash("sha256")
      .update(`${settings.baseUrl?.origin ?? ""}\n${batchId}`)
      .digest("hex")
      .slice(0, 32)}.jsonl`
  )

const bytesMax = 16 * 1024 * 1024

export const readJournal = (settings: Settings, batchId: string): Effect.Effect<Journal> =>
  readLimited(pathOf(settings, batchId), bytesMax).pipe(
    Effect.map((bytes) => {
      // A line that a dying process has torn is no line.
      const lines = new TextDecoder()
        .decode(bytes)
        .split("\n")
        .flatMap((line) => Either.match(Schema.decodeEither(Line)(line), { onLeft: () => [], onRight: (one) => [one] }))
      return new Map(lines.map(({ key, status }) => [key, status]))
    }),
    Effect.orElseSucceed(() => new Map())
  )

/** Fails with the reason. */
export const note = (
  settings: Settings,
  batchId: string,
  key: string,
  status: "completed" | "failed"
): Effect.Effect<void, string> =>
  Effect.tryPromise({
    try: async () => {
      await (await import("@image-skill/server/sql/makeFolders")).makeFolders(folderOf(settings))
      await appendFile(pathOf(settings, batchId), `${Schema.encodeSync(Line)({ key, status })}\n`, { mode: 0o600 })
    },
    catch: (error) => inWords(reasonOf(error))
  })
