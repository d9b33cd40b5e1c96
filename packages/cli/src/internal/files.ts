/** The file system as the programs see it: failures are values, named by what went wrong. */
import { constants, existsSync } from "node:fs"
import { access, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { Effect } from "effect"
import { commandLine } from "./quote.ts"
import { absolute, type ReadProblem, readWhole, reasonOf, refusalOf } from "./wholeFile.ts"

export { absolute, inWords, type ReadProblem, reasonOf } from "./wholeFile.ts"

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

/** Fails for what `readLimited` would refuse after one look at it, without reading. */
export const checkReadable = (path: string, bytesMax: number): Effect.Effect<void, ReadProblem> =>
  Effect.tryPromise({
    try: () => stat(path),
    catch: (error): ReadProblem => ({ kind: "unreadable", reason: reasonOf(error) })
  }).pipe(
    Effect.flatMap((facts) => {
      const problem = refusalOf(facts, bytesMax)
      return problem === null ? Effect.void : Effect.fail(problem)
    })
  )

/** `readWhole` as an Effect. */
export const readLimited = (path: string, bytesMax: number): Effect.Effect<Uint8Array, ReadProblem> =>
  Effect.flatMap(
    Effect.promise(() => readWhole(path, bytesMax)),
    (result) => (result instanceof Uint8Array ? Effect.succeed(result) : Effect.fail(result))
  )
