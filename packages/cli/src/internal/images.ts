/** Images that the user named, as assets: a path or a foreign URL is uploaded first, each one once. */
import { createHash } from "node:crypto"
import { basename, extname } from "node:path"
import { inspect } from "@image-skill/core/assets/ImageInspector"
import { type Failure, fail, failure } from "@image-skill/core/kernel/Errors"
import { assetIdPattern } from "@image-skill/core/kernel/Ids"
import { limits } from "@image-skill/core/kernel/Limits"
import { mediaTypeOfExtension } from "@image-skill/core/kernel/Media"
import { Effect, Either, Option } from "effect"
import { Refused, type Reply, waitingMillisMax } from "../Client.ts"
import type { Session } from "../Session.ts"
import { objectIn, textIn } from "./fields.ts"
import { absolute, checkReadable, inWords, kindAt, type ReadProblem, readLimited } from "./files.ts"
import { excerpt } from "./quote.ts"

type ImageFailure = Failure | Refused

/** A URL of any scheme: no path. */
const isForeign = (source: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(source)

const isUrl = (source: string) => /^https?:\/\//i.test(source)

/** The asset id that a URL's last segment is, its ending aside; null when it is none. */
const assetIdIn = (url: URL): string | null => {
  const segment = url.pathname.split("/").at(-1) ?? ""
  const id = segment.replace(/\.[a-z0-9]{1,5}$/i, "")
  return assetIdPattern.test(id) ? id : null
}

const sameUrl = (left: string, right: URL) => {
  if (!URL.canParse(left)) return false
  const url = new URL(left)
  return url.origin === right.origin && url.pathname === right.pathname
}

/**
 * The asset's answer when a URL is one of this server's own. The server is asked, since only it knows where its media
 * are served: the URL that it gives for that id must be the one that was typed. Null for every other URL.
 */
export const ownedUrl = (session: Session, text: string): Effect.Effect<Reply | null, ImageFailure> =>
  Effect.gen(function* () {
    if (!URL.canParse(text)) return null
    const url = new URL(text)
    const id = assetIdIn(url)
    if (id === null) return null
    const reply = yield* session.client.send({ method: "GET", path: `/v1/assets/${encodeURIComponent(id)}` })
    if (!reply.envelope.ok) return reply.status === 404 ? null : yield* new Refused({ reply })
    return sameUrl(textIn(objectIn(reply.envelope.data, "asset"), "url") ?? "", url) ? reply : null
  })

interface UploadSource {
  readonly bytes: Uint8Array
  readonly kind: "local_path" | "remote_url"
  readonly filename: string
  readonly remoteOrigin: string | null
  readonly mimeType: string | null
}

/** What a file claims to be by its ending; without one, what its bytes say. */
const mimeTypeOf = (typed: string, bytes: Uint8Array): string | null =>
  Option.getOrElse(mediaTypeOfExtension(extname(typed)), () =>
    Either.match(inspect(bytes), { onLeft: () => null, onRight: ({ mediaType }) => mediaType })
  )

const readProblem = (flag: string, typed: string, problem: ReadProblem) =>
  problem.kind === "too_large"
    ? failure(
        "INPUT_POLICY_DENIED",
        `${flag} ${excerpt(typed)} is ${problem.bytes} bytes; the limit of an upload is ${limits.uploadBytesMax}`,
        { details: { bytes: problem.bytes, bytes_max: limits.uploadBytesMax } }
      )
    : failure("FILE_READ_FAILED", `${flag} ${excerpt(typed)} cannot be read: ${inWords(problem.reason)}`, {
        details: { reason: problem.reason },
        recovery: { fields: [flag] }
      })

const readFile = (session: Session, flag: string, typed: string): Effect.Effect<UploadSource, ImageFailure> =>
  readLimited(absolute(session.host.workingDirectory, typed), limits.uploadBytesMax).pipe(
    Effect.mapError((problem) => readProblem(flag, typed, problem)),
    Effect.map((bytes) => ({
      bytes,
      kind: "local_path" as const,
      filename: basename(typed).slice(0, 255),
      remoteOrigin: null,
      mimeType: mimeTypeOf(typed, bytes)
    }))
  )

const readSource = (session: Session, flag: string, typed: string): Effect.Effect<UploadSource, ImageFailure> => {
  if (isUrl(typed)) {
    return Effect.promise(() => import("./fetchUrl.ts")).pipe(
      Effect.flatMap(({ fetchUrl }) => fetchUrl(typed, session.settings.baseUrl)),
      Effect.map((fetched) => ({ ...fetched, kind: "remote_url" as const, remoteOrigin: fetched.origin }))
    )
  }
  return isForeign(typed)
    ? fail("INVALID_ARGUMENTS", `${flag} ${excerpt(typed)}: allowed are a path, an http or https URL, or an asset`, {
        recovery: { fields: [flag] }
      })
    : readFile(session, flag, typed)
}

/** Reads a path or a URL and uploads it. */
export const uploadSource = (session: Session, flag: string, typed: string): Effect.Effect<Reply, ImageFailure> =>
  Effect.gen(function* () {
    yield* session.report(isUrl(typed) ? "fetching the image" : `reading ${basename(typed)}`)
    const source = yield* readSource(session, flag, typed)
    yield* session.report(`uploading ${source.filename}`)
    return yield* session.client.ask({
      method: "POST",
      path: "/v1/upload",
      timeoutMillis: waitingMillisMax,
      body: {
        source_kind: source.kind,
        filename: source.filename,
        remote_origin: source.remoteOrigin,
        ...(source.mimeType === null ? {} : { mime_type: source.mimeType }),
        content_length: source.bytes.byteLength,
        sha256: createHash("sha256").update(source.bytes).digest("hex"),
        bytes_base64: Buffer.from(source.bytes).toString("base64")
      }
    })
  })

const noAssetId = fail("HOSTED_API_REQUEST_FAILED", "The server's answer to an upload names no asset")

/**
 * Turns what the user named into asset ids. A path wins over an id that looks the same; each distinct source is
 * uploaded once a run.
 */
export const makeImageResolver = (session: Session, isDryRun: boolean) => {
  const done = new Map<string, string>()
  const resolve = (flag: string, typed: string): Effect.Effect<string, ImageFailure> =>
    Effect.gen(function* () {
      const owned = isUrl(typed) ? yield* ownedUrl(session, typed) : null
      if (owned !== null) return textIn(objectIn(owned.envelope.data, "asset"), "asset_id") ?? (yield* noAssetId)
      const path = absolute(session.host.workingDirectory, typed)
      const kind = isUrl(typed) ? null : yield* kindAt(path).pipe(Effect.orElseSucceed(() => null))
      if (kind === null && assetIdPattern.test(typed)) return typed
      const reply = yield* uploadSource(session, flag, typed)
      yield* Effect.forEach(reply.envelope.warnings, session.warn)
      const id = textIn(objectIn(reply.envelope.data, "asset"), "asset_id") ?? (yield* noAssetId)
      if (isDryRun) yield* session.warn(`${typed} was uploaded as ${id}, which planning needs: name the id from now on`)
      return id
    })
  return {
    /** Fails for a path that leads to no file that could be uploaded, before anything is. */
    check: (flag: string, typed: string): Effect.Effect<void, ImageFailure> =>
      Effect.gen(function* () {
        if (isForeign(typed)) return
        const path = absolute(session.host.workingDirectory, typed)
        const kind = yield* kindAt(path).pipe(Effect.orElseSucceed(() => null))
        if (kind === null && assetIdPattern.test(typed)) return
        yield* checkReadable(path, limits.uploadBytesMax).pipe(
          Effect.mapError((problem) => readProblem(flag, typed, problem))
        )
      }),
    idOf: (flag: string, typed: string): Effect.Effect<string, ImageFailure> => {
      const known = done.get(typed)
      if (known !== undefined) return Effect.succeed(known)
      return resolve(flag, typed).pipe(Effect.tap((id) => Effect.sync(() => done.set(typed, id))))
    }
  }
}
