/** Files as plain promises, for what is read before any Effect is loaded. */
import type { Stats } from "node:fs"
import { open, stat } from "node:fs/promises"
import { isAbsolute, resolve } from "node:path"

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

export type ReadProblem =
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "too_large"; readonly bytes: number }

export const refusalOf = (facts: Stats, bytesMax: number): ReadProblem | null => {
  if (facts.isDirectory()) return { kind: "unreadable", reason: "EISDIR" }
  if (!facts.isFile()) return { kind: "unreadable", reason: "it is no regular file" }
  return facts.size > bytesMax ? { kind: "too_large", bytes: facts.size } : null
}

const readOpen = async (path: string, bytesMax: number): Promise<Uint8Array | ReadProblem> => {
  const facts = await stat(path)
  const problem = refusalOf(facts, bytesMax)
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
}

/**
 * Reads a whole regular file of at most `bytesMax` bytes. The size is looked at first, so that a file of gigabytes costs
 * nothing; pipes and devices, which have none, are refused.
 */
export const readWhole = (path: string, bytesMax: number): Promise<Uint8Array | ReadProblem> =>
  readOpen(path, bytesMax).catch((error: unknown): ReadProblem => ({ kind: "unreadable", reason: reasonOf(error) }))
