/** What is left on disk while a live create or edit runs, so that it can be taken up again whoever killed it. */

import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Either, Schema } from "effect"
import type { Host } from "../Host.ts"
import type { Settings } from "./config.ts"
import { inWords, readLimited, reasonOf } from "./files.ts"

const Breadcrumb = Schema.Struct({
  version: Schema.Literal(1),
  command: Schema.String,
  idempotency_key: Schema.String,
  /** Runs as pasted, in the working folder. */
  recover_command: Schema.String,
  working_directory: Schema.String,
  /** Null for embedded mode. */
  api_base_url: Schema.NullOr(Schema.String),
  process_id: Schema.Int,
  started_at_ms: Schema.Int.pipe(Schema.between(0, 8.64e15))
})
export type Breadcrumb = typeof Breadcrumb.Type

const BreadcrumbText = Schema.parseJson(Breadcrumb)

export const folderOf = (settings: Settings): string => join(settings.dataDirectory, "in-flight")

/** One file a server and key: the same request again is the same breadcrumb. */
const pathOf = (settings: Settings, key: string): string => {
  const name = createHash("sha256")
    .update(`${settings.baseUrl?.origin ?? ""}\n${key}`)
    .digest("hex")
    .slice(0, 32)
  return join(folderOf(settings), `${name}.json`)
}

/** Whether a run under this key ended without its answer. */
export const isUnfinished = (settings: Settings, key: string): boolean => existsSync(pathOf(settings, key))

/**
 * Written in place and not synced: it is whole before the request is sent, and a process that dies takes nothing
 * along that it has written. Fails with the reason.
 */
export const drop = (settings: Settings, crumb: Breadcrumb): Effect.Effect<void, string> =>
  Effect.tryPromise({
    try: async () => {
      await (await import("@image-skill/server/sql/makeFolders")).makeFolders(folderOf(settings))
      await writeFile(pathOf(settings, crumb.idempotency_key), Schema.encodeSync(BreadcrumbText)(crumb), {
        mode: 0o600
      })
    },
    catch: (error) => inWords(reasonOf(error))
  })

export const pickUp = (settings: Settings, key: string): Effect.Effect<void> =>
  Effect.promise(() => rm(pathOf(settings, key), { force: true }).catch(() => undefined))

export interface Trail {
  readonly running: ReadonlyArray<Breadcrumb>
  /** Their process is gone: the command of each finds out what became of it, and pays nothing twice. */
  readonly unfinished: ReadonlyArray<Breadcrumb>
  /** Removed: no breadcrumb at all, or so old that the server may have forgotten its key. */
  readonly sweptCount: number
}

/** A server keeps a key for this long at least. After that the same command might pay again, so nobody is sent there. */
const keptMillis = 24 * 60 * 60 * 1000

const bytesMax = 256 * 1024

/** As far as ids tell: they are given again, in containers soon. Ours was given to us. */
const isAlive = (host: Host, { process_id: id }: Breadcrumb) => id !== host.processId && host.isRunning(id)

/** Reads the trail and sweeps what helps nobody any more. */
export const follow = (host: Host, settings: Settings, nowMillis: number): Effect.Effect<Trail> =>
  Effect.gen(function* () {
    const folder = folderOf(settings)
    const names = yield* Effect.promise(() => readdir(folder).catch((): Array<string> => []))
    const running: Array<Breadcrumb> = []
    const unfinished: Array<Breadcrumb> = []
    let sweptCount = 0
    for (const name of names.filter((one) => one.endsWith(".json"))) {
      const path = join(folder, name)
      const crumb = yield* Effect.either(
        Effect.flatMap(readLimited(path, bytesMax), (bytes) =>
          Schema.decodeUnknown(BreadcrumbText)(new TextDecoder().decode(bytes))
        )
      )
      const isFresh = Either.isRight(crumb) && nowMillis - crumb.right.started_at_ms < keptMillis
      if (isFresh) (isAlive(host, crumb.right) ? running : unfinished).push(crumb.right)
      else {
        yield* Effect.promise(() => rm(path, { force: true }).catch(() => undefined))
        sweptCount += 1
      }
    }
    return { running, unfinished, sweptCount }
  })
