/** Files that the user named: checked before anything is spent, written aside, and put in place whole. */
import { createHash, randomBytes } from "node:crypto"
import { createReadStream } from "node:fs"
import { type FileHandle, link, lstat, open, realpath, rename, rm } from "node:fs/promises"
import { basename, dirname, join, parse } from "node:path"
import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import { mediaTypeOfExtension } from "@image-skill/core/kernel/Media"
import { Effect, Option } from "effect"
import { absolute, inWords, isWritableFolder, kindAt, reasonOf } from "./files.ts"
import { commandLine } from "./quote.ts"
import type { Changes } from "./rerun.ts"
import type { WireResponse } from "./transport.ts"

/** A file to write: as the user named it, and where that is. */
export interface Target {
  readonly typed: string
  readonly path: string
}

export interface OutputRequest {
  readonly workingDirectory: string
  readonly typed: string
  readonly count: number
  readonly isOverwriting: boolean
  /** A dry run looks, and writes nothing. */
  readonly isDryRun: boolean
  /** The same command, with some flags changed. */
  readonly rerun: (changes: Changes) => string
}

type OutputFailure = Failure<"OUTPUT_EXISTS" | "OUTPUT_WRITE_FAILED">

/** `a.png` for one image; `a-0.png`, `a-1.png`, … for several. */
export const outputNames = (typed: string, count: number): ReadonlyArray<string> => {
  if (count === 1) return [typed]
  const { dir, name, ext, root } = parse(typed)
  const folder = dir === "" ? "" : dir === root ? dir : `${dir}/`
  return Array.from({ length: count }, (_, index) => `${folder}${name}-${index}${ext}`)
}

/** Reasons that may pass by themselves. What else is in the way stays there until somebody moves it. */
const passing = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "EBUSY", "EAGAIN"])

/** `reason` is the system's word, or the end of a sentence. */
const writeFailed = (typed: string, reason: string, suggestion?: string) =>
  fail("OUTPUT_WRITE_FAILED", `${JSON.stringify(typed)} cannot be written: ${inWords(reason)}`, {
    details: { output: typed, reason: inWords(reason), retryable: passing.has(reason) },
    recovery: {
      required_flag: "--output",
      fields: ["--output"],
      ...(suggestion === undefined ? {} : { suggested_command: suggestion })
    }
  })

const exists = (typed: string, overwriteCommand: string) =>
  fail("OUTPUT_EXISTS", `${JSON.stringify(typed)} exists and is left as it is; --overwrite replaces it`, {
    details: { output: typed },
    recovery: { required_flag: "--overwrite", suggested_command: overwriteCommand }
  })

const partName = () => `.image-skill-${randomBytes(6).toString("hex")}.part`

/** The only proof that a folder takes a file is a file: permissions say nothing about a read-only or full disk. */
const proveWritable = (folder: string): Effect.Effect<void, string> =>
  Effect.tryPromise({
    try: async () => {
      const path = join(folder, partName())
      const file = await open(path, "wx")
      await file.close()
      await rm(path, { force: true })
    },
    catch: reasonOf
  })

/** A link that leads nowhere is nothing to `stat`, and still in the way. */
const isLink = (path: string) =>
  Effect.promise(() =>
    lstat(path).then(
      () => true,
      () => false
    )
  )

const nameTriesMax = 100

/** The same command with a name that is free in a folder. */
const elsewhere = (request: OutputRequest, folder: string): Effect.Effect<string> =>
  Effect.gen(function* () {
    const { name, ext } = parse(basename(request.typed))
    const isUsable = ext !== "" && basename(request.typed).length <= 100
    const [stem, ending] = isUsable ? [name, ext] : ["image", ".png"]
    for (let count = 1; count < nameTriesMax; count += 1) {
      const typed = join(folder, `${stem}${count === 1 ? "" : `-${count}`}${ending}`)
      const path = absolute(request.workingDirectory, typed)
      const isFree = (yield* kindAt(path).pipe(Effect.orElseSucceed(() => "other" as const))) === null
      if (isFree && !(yield* isLink(path))) return request.rerun({ output: [typed] })
    }
    return request.rerun({ output: [join(folder, `image-${randomBytes(4).toString("hex")}.png`)] })
  })

const isFolder = (request: OutputRequest, typed: string) =>
  Effect.flatMap(elsewhere(request, typed), (to) => writeFailed(typed, "it is a folder; name a file in it", to))

const checkTarget = (request: OutputRequest, typed: string): Effect.Effect<Target, OutputFailure> =>
  Effect.gen(function* () {
    const path = absolute(request.workingDirectory, typed)
    const refused = (reason: string) => Effect.flatMap(elsewhere(request, "."), (to) => writeFailed(typed, reason, to))
    const found = yield* kindAt(path).pipe(Effect.catchAll(refused))
    if (found === "folder") return yield* isFolder(request, typed)
    if (found === "other") return yield* refused("it is no regular file")
    const isThere = found === "file" || (yield* isLink(path))
    if (isThere && !request.isOverwriting) return yield* exists(typed, request.rerun({ overwrite: ["true"] }))
    const folder = dirname(path)
    const kind = yield* kindAt(folder).pipe(Effect.catchAll(refused))
    if (kind === null) {
      const made = `${commandLine(["mkdir", "-p", dirname(typed)])} && ${request.rerun({})}`
      return yield* writeFailed(typed, `the folder ${dirname(typed)} does not exist`, made)
    }
    if (kind !== "folder") return yield* refused(`${dirname(typed)} is no folder`)
    if (!request.isDryRun) yield* proveWritable(folder).pipe(Effect.catchAll(refused))
    else if (!(yield* isWritableFolder(folder))) return yield* refused("EACCES")
    // What a link points to is replaced, not the link.
    return { typed, path: found === "file" ? yield* Effect.promise(() => realpath(path)) : path }
  })

/** The files to write. Fails before anything is spent when one of them could not be written as things stand. */
export const checkOutput = (request: OutputRequest): Effect.Effect<ReadonlyArray<Target>, OutputFailure> =>
  Effect.gen(function* () {
    const { typed } = request
    const kind = yield* kindAt(absolute(request.workingDirectory, typed)).pipe(Effect.orElseSucceed(() => null))
    // Several names would be made of a folder's, and stand beside it.
    if (kind === "folder") return yield* isFolder(request, typed)
    if (typed.endsWith("/")) {
      const made = `${commandLine(["mkdir", "-p", typed])} && ${request.rerun({ output: [join(typed, "image.png")] })}`
      return yield* writeFailed(typed, "it names a folder, which does not exist", made)
    }
    return yield* Effect.forEach(outputNames(typed, request.count), (name) => checkTarget(request, name))
  })

export interface Saved {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** More than any provider sends for one image. */
const assetBytesMax = 256 * 1024 * 1024

const copy = async (response: WireResponse, file: FileHandle, signal: AbortSignal) => {
  const hash = createHash("sha256")
  let bytes = 0
  for await (const chunk of response.chunks) {
    signal.throwIfAborted()
    bytes += chunk.byteLength
    if (bytes > assetBytesMax) throw new Error(`more than ${assetBytesMax} bytes`)
    hash.update(chunk)
    await file.writeFile(chunk)
  }
  await file.sync()
  return { bytes, sha256: hash.digest("hex") }
}

/** What the server says of the bytes, and they do not keep; null when they fit. */
const mismatch = (response: WireResponse, got: { readonly bytes: number; readonly sha256: string }): string | null => {
  const length = response.header("content-length")
  if (length !== null && Number(length) !== got.bytes) return `${got.bytes} bytes came of ${length}`
  const hash = /[0-9a-f]{64}/i.exec(response.header("etag") ?? "")?.[0]
  return hash !== undefined && hash.toLowerCase() !== got.sha256 ? "their hash is not the one that was announced" : null
}

const hashOf = async (path: string) => {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(path)) {
    const part: unknown = chunk
    if (part instanceof Uint8Array) hash.update(part)
  }
  return hash.digest("hex")
}

/** A run that was killed after it wrote, and is taken up again, finds its own file. */
const isSameFile = (path: string, sha256: string) =>
  hashOf(path).then(
    (found) => found === sha256,
    () => false
  )

/** Puts the finished file in place: without --overwrite never over another file, or one that came meanwhile. */
const place = async (part: string, target: Target, sha256: string, isOverwriting: boolean) => {
  if (isOverwriting) return rename(part, target.path)
  try {
    await link(part, target.path)
  } catch (error) {
    // Some file systems know no links. Between this look and the rename lies less than a millisecond.
    const reason = reasonOf(error)
    const isThere =
      reason === "EEXIST" ||
      (await lstat(target.path).then(
        () => true,
        () => false
      ))
    if (isThere && (await isSameFile(target.path, sha256))) return
    if (isThere) throw error
    await rename(part, target.path)
  }
}

/** What a connection ends with, and no file. */
const lost = new Set(["ECONNRESET", "ABORT_ERR", "ETIMEDOUT"])

/** Streams a response into a file: no reader ever sees half of it, and nothing is left behind when it fails. */
export const save = (response: WireResponse, target: Target, isOverwriting: boolean) => {
  const failed = (reason: string): Effect.Effect<never, Failure<"ASSET_DOWNLOAD_FAILED" | "OUTPUT_WRITE_FAILED">> =>
    lost.has(reason)
      ? fail("ASSET_DOWNLOAD_FAILED", "The connection ended before all of the asset's bytes were here")
      : writeFailed(target.typed, reason)
  const part = join(dirname(target.path), partName())
  return Effect.acquireUseRelease(
    Effect.tryPromise({ try: () => open(part, "wx"), catch: reasonOf }).pipe(Effect.catchAll(failed)),
    (file) =>
      Effect.gen(function* () {
        const got = yield* Effect.tryPromise({ try: (signal) => copy(response, file, signal), catch: reasonOf }).pipe(
          Effect.catchAll(failed)
        )
        const problem = mismatch(response, got)
        if (problem !== null) return yield* fail("ASSET_DOWNLOAD_FAILED", `The asset's bytes are not whole: ${problem}`)
        yield* Effect.tryPromise({ try: () => place(part, target, got.sha256, isOverwriting), catch: reasonOf }).pipe(
          Effect.catchAll(failed)
        )
        const saved: Saved = { path: target.typed, ...got }
        return saved
      }),
    (file) => Effect.promise(() => file.close().then(() => rm(part, { force: true })))
  )
}

/** A warning when a file's ending speaks of another type than its bytes are; null when they agree or it has none. */
export const endingWarning = (typed: string, mediaType: string): string | null => {
  const { ext } = parse(typed)
  const claimed = mediaTypeOfExtension(ext)
  if (ext === "" || (Option.isSome(claimed) && claimed.value === mediaType)) return null
  return `${typed} holds ${mediaType}, which its ending ${ext} does not say`
}
