import { createHash, randomUUID } from "node:crypto"
import { dirname, join } from "node:path"
import { FileSystem, type Error as Platform } from "@effect/platform"
import { BlobError } from "@image-skill/core/assets/BlobStore"
import { Effect, Option } from "effect"
import { wallClock } from "../../sql/wallClock.ts"

/** A file aside that is older than this was left by a process that died while it wrote. */
const tornAfterMillis = 60 * 60 * 1000

/** Names that are one segment of a path on every system: nothing leaves the folder. */
const safeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/

/** The folder of what is being written. */
const asideName = "aside"

const isMissing = (error: Platform.PlatformError) => error._tag === "SystemError" && error.reason === "NotFound"

const blobError = (what: string) => (error: Platform.PlatformError) => {
  const full = /ENOSPC|EDQUOT/.test(error.message)
  const denied = error._tag === "SystemError" && error.reason === "PermissionDenied"
  const why = full ? "the disk is full" : denied ? "it is not permitted" : "the disk or its folder failed"
  return new BlobError({ message: `${what}: ${why}` })
}

/** `flat` for a few files at a time, which can be listed; `deep` for many: two folders deep, so that none grows large. */
type Layout = "flat" | "deep"

/** Where a name lies. Null for a name that no file may have. */
const pathIn = (root: string, layout: Layout, name: string): string | null => {
  if (!safeName.test(name) || name === asideName) return null
  if (layout === "flat") return join(root, name)
  const hash = createHash("sha256").update(name).digest("hex")
  return join(root, hash.slice(0, 2), hash.slice(2, 4), name)
}

/**
 * A folder of files that are whole or absent: written aside, synced, renamed, and the folder synced.
 * Nothing is touched before the first call.
 */
export const makeWholeFiles = (root: string, layout: Layout) =>
  Effect.map(FileSystem.FileSystem, (fs) => {
    const aside = join(root, asideName)
    let swept = false

    // A system that cannot open a folder has no sync of it.
    const syncFolder = (folder: string) =>
      Effect.scoped(
        Effect.flatMap(Effect.option(fs.open(folder, { flag: "r" })), (opened) =>
          Option.isSome(opened) ? opened.value.sync : Effect.void
        )
      )

    /** Also syncs what the new folders were entered into, up to the parent of `root`. */
    const makeFolder = (folder: string) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(folder, { recursive: true, mode: 0o700 })
        for (let at = folder; at.length >= root.length; at = dirname(at)) yield* syncFolder(dirname(at))
      })

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

    const writeAside = (path: string, chunks: ReadonlyArray<Uint8Array>) =>
      Effect.scoped(
        Effect.gen(function* () {
          const open = fs.open(path, { flag: "wx", mode: 0o600 })
          const file = yield* Effect.catchIf(open, isMissing, () => Effect.zipRight(makeFolder(aside), open))
          // The platform takes an empty write for one that failed.
          for (const chunk of chunks) if (chunk.length > 0) yield* file.writeAll(chunk)
          yield* file.sync
        })
      )

    const write = (name: string, chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, BlobError> => {
      const path = pathIn(root, layout, name)
      if (path === null) return Effect.fail(new BlobError({ message: "this name cannot be a file's" }))
      const folder = dirname(path)
      return Effect.acquireUseRelease(
        Effect.sync(() => join(aside, randomUUID())),
        (temporary) =>
          writeAside(temporary, chunks).pipe(
            Effect.zipRight(
              Effect.catchIf(fs.rename(temporary, path), isMissing, () =>
                Effect.zipRight(makeFolder(folder), fs.rename(temporary, path))
              )
            ),
            Effect.zipRight(syncFolder(folder)),
            Effect.zipRight(sweep)
          ),
        // After the rename there is nothing left to remove.
        (temporary) => Effect.orElseSucceed(fs.remove(temporary, { force: true }), () => undefined)
      ).pipe(Effect.mapError(blobError("The bytes could not be written")))
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
        : Effect.mapError(fs.remove(path, { force: true }), blobError("The bytes could not be removed"))
    }

    /** What lies flat in the folder. */
    const names = Effect.map(fs.readDirectory(root), (all) => all.filter((name) => name !== asideName)).pipe(
      Effect.catchIf(isMissing, () => Effect.succeed<ReadonlyArray<string>>([])),
      Effect.mapError(blobError("The folder could not be read"))
    )

    return { write, read, remove, names }
  })
