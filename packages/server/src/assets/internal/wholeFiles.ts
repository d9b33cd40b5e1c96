import { createHash, randomUUID } from "node:crypto"
import { join } from "node:path"
import { FileSystem, type Error as Platform } from "@effect/platform"
import { BlobError } from "@image-skill/core/assets/BlobStore"
import { Effect, Option, Predicate } from "effect"
import { wallClock } from "../../sql/wallClock.ts"
import { makeSyncedFolder, removeFile, writeDurably } from "./durableFile.ts"

/** A file aside that is older than this was left by a process that died while it wrote. */
const tornAfterMillis = 60 * 60 * 1000

/** Names that are one segment of a path on every system: nothing leaves the folder. */
const safeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/

/** The folder of what is being written. */
const asideName = "aside"

const isMissing = (error: Platform.PlatformError) => error._tag === "SystemError" && error.reason === "NotFound"

const codeOf = (error: unknown): string =>
  Predicate.hasProperty(error, "code") && typeof error.code === "string" ? error.code : String(error)

const blobError = (what: string) => (error: unknown) => {
  const code = codeOf(error)
  const full = /ENOSPC|EDQUOT/.test(code)
  const denied = /EACCES|EPERM|PermissionDenied/.test(code)
  const why = full ? "the disk is full" : denied ? "it is not permitted" : "the disk or its folder failed"
  return new BlobError({ message: `${what}: ${why}` })
}

/** `flat` for a few files at a time, which can be listed; `spread` for many: over 256 folders, so that none is large. */
type Layout = "flat" | "spread"

/** Where a name lies. Null for a name that no file may have. */
const pathIn = (root: string, layout: Layout, name: string): string | null => {
  if (!safeName.test(name) || name === asideName) return null
  if (layout === "flat") return join(root, name)
  const hash = createHash("sha256").update(name).digest("hex")
  return join(root, hash.slice(0, 2), name)
}

/**
 * A folder of files that are whole or absent: written aside, synced, renamed, and the folder synced.
 * Nothing is touched before the first call.
 */
export const makeWholeFiles = (root: string, layout: Layout) =>
  Effect.map(FileSystem.FileSystem, (fs) => {
    const aside = join(root, asideName)
    const makeFolder = makeSyncedFolder(root)
    let swept = false

    const sweepOne = (name: string) =>
      Effect.gen(function* () {
        const { mtime } = yield* fs.stat(join(aside, name))
        const age = wallClock.unsafeCurrentTimeMillis() - Option.getOrElse(mtime, () => new Date(Number.NaN)).getTime()
        if (age > tornAfterMillis) yield* fs.remove(join(aside, name))
      }).pipe(Effect.catchIf(isMissing, () => Effect.void))

    /** Clears what died while it was written: once a process. */
    const sweep = Effect.suspend(() => {
      if (swept) return Effect.void
      swept = true
      return Effect.flatMap(fs.readDirectory(aside), (names) =>
        Effect.forEach(names, sweepOne, { discard: true })
      ).pipe(Effect.catchAll((error) => Effect.logDebug("torn files stay", error)))
    })

    const write = (name: string, chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, BlobError> => {
      const path = pathIn(root, layout, name)
      if (path === null) return Effect.fail(new BlobError({ message: "this name cannot be a file's" }))
      return Effect.suspend(() => writeDurably(join(aside, randomUUID()), path, chunks, makeFolder)).pipe(
        Effect.mapError(blobError("The bytes could not be written")),
        Effect.zipRight(sweep)
      )
    }

    const read = (name: string): Effect.Effect<Option.Option<Uint8Array>, BlobError> => {
      const path = pathIn(root, layout, name)
      if (path === null) return Effect.succeedNone
      // The platform gives a Buffer; what is promised is an array of bytes.
      return Effect.map(fs.readFile(path), ({ buffer, byteLength, byteOffset }) =>
        Option.some(new Uint8Array(buffer, byteOffset, byteLength))
      ).pipe(
        Effect.catchIf(isMissing, () => Effect.succeedNone),
        Effect.mapError(blobError("The bytes could not be read"))
      )
    }

    const remove = (name: string): Effect.Effect<void, BlobError> => {
      const path = pathIn(root, layout, name)
      return path === null
        ? Effect.void
        : Effect.mapError(removeFile(path), blobError("The bytes could not be removed"))
    }

    /** What lies flat in the folder. */
    const names = Effect.map(fs.readDirectory(root), (all) => all.filter((name) => name !== asideName)).pipe(
      Effect.catchIf(isMissing, () => Effect.succeed<ReadonlyArray<string>>([])),
      Effect.mapError(blobError("The folder could not be read"))
    )

    return { write, read, remove, names }
  })
