import { closeSync, constants, fsync, openSync } from "node:fs"
import { type FileHandle, open, rename, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { promisify } from "node:util"
import { Effect, Predicate } from "effect"
import { makeFolders } from "../../sql/makeFolders.ts"
import { giveBack, isRefusal, refuse, takeSlot, writeBlocks } from "./pastCache.ts"

// node:fs and not the platform's file system: a create writes two files, each in eight calls, and what the platform
// adds to every one of them costs as much as the bytes do.

export const isMissing = (cause: unknown): boolean => Predicate.hasProperty(cause, "code") && cause.code === "ENOENT"

const writeAll = async (file: FileHandle, bytes: Uint8Array) => {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at)
    at += bytesWritten
  }
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL

const writeSynced = async (
  path: string,
  makeFolder: MakeFolder,
  flag: number,
  fill: (file: FileHandle) => Promise<void>
) => {
  const file = await orInNewFolder(path, makeFolder, () => open(path, newFile | flag, 0o600))
  try {
    await fill(file)
    await file.sync()
  } finally {
    await file.close()
  }
}

const writeAside = async (path: string, chunks: ReadonlyArray<Uint8Array>, makeFolder: MakeFolder) => {
  const direct = takeSlot(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  if (direct !== null) {
    try {
      return await writeSynced(path, makeFolder, direct.flag, (file) => writeBlocks(file, chunks, direct.slot))
    } catch (cause) {
      if (!isRefusal(cause)) throw cause
      refuse()
      await unlink(path).catch(() => undefined)
    } finally {
      giveBack(direct.slot)
    }
  }
  await writeSynced(path, makeFolder, 0, async (file) => {
    for (const chunk of chunks) await writeAll(file, chunk)
  })
}

const openFolder = (folder: string): number | null => {
  try {
    return openSync(folder, "r")
  } catch {
    return null
  }
}

const sync = promisify(fsync)

/** A system that cannot open a folder has no sync of it. To open and close one that is there waits for nothing. */
const syncFolder = async (folder: string) => {
  const opened = openFolder(folder)
  if (opened === null) return
  try {
    await sync(opened)
  } finally {
    closeSync(opened)
  }
}

type MakeFolder = (folder: string) => Promise<void>

/**
 * Also syncs what the new folders were entered into, up to the parent of `root`: once for each folder, from the top, so
 * that what is known to be on the disk is so with all that is above it.
 */
export const makeSyncedFolder = (root: string): MakeFolder => {
  const synced = new Set<string>()
  return async (folder) => {
    await makeFolders(folder)
    const fresh: Array<string> = []
    for (let at = folder; at.length >= root.length && !synced.has(at); at = dirname(at)) fresh.unshift(at)
    for (const at of fresh) {
      await syncFolder(dirname(at))
      synced.add(at)
    }
  }
}

const orInNewFolder = async <A>(path: string, makeFolder: MakeFolder, act: () => Promise<A>): Promise<A> => {
  try {
    return await act()
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    await makeFolder(dirname(path))
    return await act()
  }
}

const write = async (aside: string, path: string, chunks: ReadonlyArray<Uint8Array>, makeFolder: MakeFolder) => {
  try {
    await writeAside(aside, chunks, makeFolder)
    await orInNewFolder(path, makeFolder, () => rename(aside, path))
  } catch (cause) {
    await unlink(aside).catch(() => undefined)
    throw cause
  }
  await syncFolder(dirname(path))
}

/**
 * Writes a file so that it is whole or absent: aside, synced, renamed, and its folder synced. What is left aside after
 * a failure is removed. Begun, it is not interrupted: that would leave the disk at work behind its back.
 */
export const writeDurably = (
  aside: string,
  path: string,
  chunks: ReadonlyArray<Uint8Array>,
  makeFolder: MakeFolder
): Effect.Effect<void, unknown> =>
  Effect.uninterruptible(Effect.tryPromise({ try: () => write(aside, path, chunks, makeFolder), catch: (c) => c }))

/** No error where there is none. */
export const removeFile = (path: string): Effect.Effect<void, unknown> =>
  Effect.tryPromise({ try: () => unlink(path), catch: (cause) => cause }).pipe(
    Effect.catchIf(isMissing, () => Effect.void)
  )
