/** The file system as the programs see it: failures are values, named by what went wrong. */
import { constants, existsSync, type Stats } from "node:fs"
import { access, open, stat } from "node:fs/promises"
import { dirname, isAbsolute, resolve } from "node:path"
import { Effect } from "effect"
import { commandLine } from "./quote.ts"

/** The system's word for a failure (`ENOENT`, `EACCES`, `ENOSPC`, …), or its message. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return "code" in error && typeof error.code === "string" ? error.code : error.message
}

const words: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "it does not exist"],
  ["EACCES", "permission is denied"],
  ["EPERM", "the system does not permit it"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of its path is no folder"],
  ["EEXIST", "it exists"],
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "the file system is read-only"],
  ["ENAMETOOLONG", "its name is too long"],
  ["EMFILE", "too many files are open"]
])

/** A failure of the file system as the end of a sentence. */
export const inWords = (reason: string): string => words.get(reason) ?? reason

export const absolute = (workingDirectory: string, path: string): string =>
  isAbsolute(path) ? path : resolve(workingDirectory, path)

/** A command that lists what there is near a file that cannot be read: its folder, or the nearest above that exists. */
export const listingNear = (workingDirectory: string, path: string): string => {
  const folder = dirname(path)
  return existsSync(absolute(workingDirectory, folder)) || folder === dirname(folder)
    ? commandLine(["ls", "-la", ...(folder.startsWith("-") ? ["--"] : []), folder])
    : listingNear(workingDirectory, folder)
}

/** What stands at a path; null when nothing does. */
export const kindAt = (path: string): Effect.Effect<"file" | "folder" | "other" | null, string> =>
  Effect.tryPromise({ try: () => stat(path), catch: reasonOf }).pipe(
    Effect.map((found) => (found.isFile() ? "file" : found.isDirectory() ? "folder" : "other")),
    Effect.catchIf(
      (reason) => reason === "ENOENT" || reason === "ENOTDIR",
      () => Effect.succeed(null)
    )
  )

export const isWritableFolder = (path: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    access(path, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false
    )
  )

export type ReadProblem =
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "too_large"; readonly bytes: number }

const problemOf = (facts: Stats, bytesMax: number): ReadProblem | null => {
  if (facts.isDirectory()) return { kind: "unreadable", reason: "EISDIR" }
  if (!facts.isFile()) return { kind: "unreadable", reason: "it is no regular file" }
  return facts.size > bytesMax ? { kind: "too_large", bytes: facts.size } : null
}

/** Fails for what `readLimited` would refuse after one look at it, without reading. */
export const checkReadable = (path: string, bytesMax: number): Effect.Effect<void, ReadProblem> =>
  Effect.tryPromise({
    try: () => stat(path),
    catch: (error): ReadProblem => ({ kind: "unreadable", reason: reasonOf(error) })
  }).pipe(
    Effect.flatMap((facts) => {
      const problem = problemOf(facts, bytesMax)
      return problem === null ? Effect.void : Effect.fail(problem)
    })
  )

/**
 * Reads a whole regular file of at most `bytesMax` bytes. The size is looked at first, so that a file of gigabytes costs
 * nothing; pipes and devices, which have none, are refused.
 */
export const readLimited = (path: string, bytesMax: number): Effect.Effect<Uint8Array, ReadProblem> =>
  Effect.tryPromise({
    try: async (): Promise<Uint8Array | ReadProblem> => {
      const facts = await stat(path)
      const problem = problemOf(facts, bytesMax)
      if (problem !== null) return problem
      const file = await open(path, "r")
      try {
        const bytes = new Uint8Array(facts.size)
        let length = 0
        while (length < bytes.byteLength) {
          const { bytesRead } = await file.read(bytes, length, bytes.byteLength - length, length)
          if (bytesRead === 0) break
          length += bytesRead
        }
        return bytes.subarray(0, length)
      } finally {
        await file.close()
      }
    },
    catch: (error): ReadProblem => ({ kind: "unreadable", reason: reasonOf(error) })
  }).pipe(Effect.flatMap((result) => (result instanceof Uint8Array ? Effect.succeed(result) : Effect.fail(result))))
