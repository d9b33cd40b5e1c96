/** The config file as it is written. Only its owner may read it, and nobody ever sees half of it. */
import { open, realpath, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type Failure, failure, type Recovery } from "@image-skill/core/kernel/Errors"
import { Effect, Redacted } from "effect"
import { absolute, inWords, reasonOf } from "./files.ts"
import { commandLine, quote } from "./quote.ts"
import { readConfig, type SavedConfig } from "./savedConfig.ts"

/** Where a config could be saved instead, as a shell writes it and as a path. */
export interface OtherPlace {
  readonly shell: string
  readonly path: string
}

const writeFailed = (path: string, reason: string, recovery: Recovery) =>
  failure("PUBLIC_CLI_CONFIG_WRITE_FAILED", `The config file ${path} cannot be written: ${inWords(reason)}`, {
    details: { config_path: path, reason: inWords(reason) },
    recovery
  })

/** What a link points to is replaced, not the link. */
const placeOf = (path: string) =>
  realpath(path).then(
    (real) => real,
    () => path
  )

/** Writes a file aside, for its owner only, and gives it to `finish`; nothing is left behind when that fails. */
const aside = async (path: string, content: string, finish: (part: string, place: string) => Promise<void>) => {
  await (await import("@image-skill/server/sql/makeFolders")).makeFolders(dirname(path))
  const place = await placeOf(path)
  const part = join(dirname(place), `.image-skill-${crypto.randomUUID()}.part`)
  try {
    const file = await open(part, "wx", 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await finish(part, place)
  } finally {
    await rm(part, { force: true })
  }
}

/** The system says `EEXIST` of a folder to be made where a file is, and the name of the part is nobody else's. */
const notWritten = (error: unknown): string => {
  const reason = reasonOf(error)
  return reason === "EEXIST" ? "ENOTDIR" : reason
}

/** Writes a whole file for its owner only: who reads it sees the old one or the new one. Fails with the reason. */
export const writeOwnFile = (path: string, content: string): Effect.Effect<void, string> =>
  Effect.tryPromise({ try: () => aside(path, content, rename), catch: notWritten })

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false
  )

const tryOut = (path: string): Effect.Effect<void, string> =>
  Effect.tryPromise({
    try: async () => {
      if (await isFolder(path)) throw Object.assign(new Error(), { code: "EISDIR" })
      await aside(path, "", () => Promise.resolve())
    },
    catch: notWritten
  })

/**
 * Fails when the config could not be written as things stand: before a token exists that would be lost. The recovery
 * names the first other place that can be written, with `again` after it, or `otherwise` where none can.
 */
export const proveWritable = (
  path: string,
  others: ReadonlyArray<OtherPlace>,
  commands: { readonly again: string; readonly otherwise: string }
) =>
  Effect.catchAll(tryOut(path), (reason) =>
    Effect.gen(function* () {
      let command = commands.otherwise
      for (const { path: other, shell } of others) {
        if (other === path || (yield* Effect.isFailure(tryOut(other)))) continue
        command = `export IMAGE_SKILL_CONFIG_PATH=${shell} && ${commands.again}`
        break
      }
      return yield* writeFailed(path, reason, { suggested_command: command })
    })
  )

/** Places outside a home that cannot be written. */
export const otherPlaces = (workingDirectory: string, temporary: string): ReadonlyArray<OtherPlace> => {
  const inTemporary = join(absolute(workingDirectory, temporary), "image-skill", "config.json")
  return [
    { shell: '"$PWD/.image-skill/config.json"', path: join(workingDirectory, ".image-skill", "config.json") },
    { shell: quote(inTemporary), path: inTemporary }
  ]
}

const sameToken = (left: SavedConfig, right: SavedConfig) =>
  left.token === undefined || (right.token !== undefined && Redacted.value(left.token) === Redacted.value(right.token))

const textOf = ({ actor, api_base_url, saved_at, token }: SavedConfig) => {
  const plain = { api_base_url, token: token === undefined ? undefined : Redacted.value(token), saved_at, actor }
  return `${JSON.stringify(plain, null, 2)}\n`
}

/** Whoever runs this is told what is in the way, and the next run names another place. */
const inPlace = (path: string): Recovery => ({ suggested_command: commandLine(["ls", "-la", dirname(path)]) })

/** Writes the config as it is given. */
export const writeOwnConfig = (path: string, config: SavedConfig) =>
  Effect.mapError(writeOwnFile(path, textOf(config)), (reason) => writeFailed(path, reason, inPlace(path)))

/**
 * Saves. A token that was saved before and is another one is kept beside it, since credits may hang on it and nobody
 * could ask for it again. Answers where.
 */
export const writeConfig = (
  path: string,
  config: SavedConfig
): Effect.Effect<string | null, Failure<"PUBLIC_CLI_CONFIG_WRITE_FAILED">> =>
  Effect.gen(function* () {
    const before = yield* Effect.promise(() => readConfig(path))
    const replaced = before.ok && before.value !== null && !sameToken(before.value, config) ? before.value : null
    const kept = `${path}.${crypto.randomUUID().slice(0, 8)}.previous`
    if (replaced !== null) yield* writeOwnConfig(kept, replaced)
    yield* writeOwnConfig(path, config)
    return replaced === null ? null : kept
  })

/** Whether others than its owner may read the file; false where there is none. */
export const isReadByOthers = (path: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    stat(path).then(
      ({ mode }) => (mode & 0o077) !== 0,
      () => false
    )
  )
