/** Images by path or URL: read here, described from their bytes, and sent to the server. */
import { createHash } from "node:crypto"
import { basename, extname } from "node:path"
import { describeProblem, inspect, stripMetadata } from "@image-skill/core/assets/ImageInspector"
import { type Failure, fail, failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import { mediaTypeOfExtension } from "@image-skill/core/kernel/Media"
import { Effect, Either, Option } from "effect"
import { Refused, type Reply, waitingMillisMax } from "../Client.ts"
import type { Session } from "../Session.ts"
import { objectIn, textIn } from "./fields.ts"
import { absolute, inWords, listingNear, type ReadProblem, readLimited } from "./files.ts"
import { excerpt } from "./quote.ts"

export type ImageFailure = Failure | Refused

/** A URL of any scheme: no path. */
export const isForeign = (source: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(source)

export const isUrl = (source: string) => /^https?:\/\//i.test(source)

export interface ImageSource {
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

/** `flag` is what the user would type to name another image: `--mask`, or the name of an argument. */
export const readProblem = ({ host }: Session, flag: string, typed: string, problem: ReadProblem) =>
  problem.kind === "too_large"
    ? failure(
        "INPUT_POLICY_DENIED",
        `${flag} ${excerpt(typed)} is ${problem.bytes} bytes; the limit of an upload is ${limits.uploadBytesMax}`,
        { details: { bytes: problem.bytes, bytes_max: limits.uploadBytesMax }, recovery: { fields: [flag] } }
      )
    : failure("FILE_READ_FAILED", `${flag} ${excerpt(typed)} cannot be read: ${inWords(problem.reason)}`, {
        details: { reason: problem.reason },
        recovery: { suggested_command: listingNear(host.workingDirectory, typed), fields: [flag] }
      })

const readFile = (session: Session, flag: string, typed: string): Effect.Effect<ImageSource, ImageFailure> =>
  readLimited(absolute(session.host.workingDirectory, typed), limits.uploadBytesMax).pipe(
    Effect.mapError((problem) => readProblem(session, flag, typed, problem)),
    Effect.map((bytes) => ({
      bytes,
      kind: "local_path" as const,
      filename: basename(typed).slice(0, 255),
      remoteOrigin: null,
      mimeType: mimeTypeOf(typed, bytes)
    }))
  )

/** Reads a path, or fetches a URL. */
export const readSource = (session: Session, flag: string, typed: string): Effect.Effect<ImageSource, ImageFailure> => {
  if (isUrl(typed)) {
    return Effect.promise(() => import("./fetchUrl.ts")).pipe(
      Effect.zipLeft(session.report("fetching the image")),
      Effect.flatMap(({ fetchUrl }) => fetchUrl(typed, session.settings.baseUrl)),
      Effect.map((fetched) => ({ ...fetched, kind: "remote_url" as const, remoteOrigin: fetched.origin }))
    )
  }
  return isForeign(typed)
    ? fail("INVALID_ARGUMENTS", `${flag} ${excerpt(typed)}: allowed are a path, an http or https URL, or an asset`, {
        recovery: { fields: [flag] }
      })
    : Effect.zipRight(session.report(`reading ${basename(typed)}`), readFile(session, flag, typed))
}

/** What planning needs to know of the image, as the server would find it; fails for bytes that it would refuse. */
export const describe = (
  flag: string,
  typed: string,
  { bytes }: ImageSource
): Either.Either<JsonObject, Failure<"INPUT_POLICY_DENIED">> =>
  Either.mapBoth(inspect(bytes), {
    onLeft: (problem) => {
      const reason = describeProblem(problem)
      return failure("INPUT_POLICY_DENIED", `${flag} ${excerpt(typed)} is no image that can be taken: ${reason}`, {
        details: { reason },
        recovery: { fields: [flag] }
      })
    },
    onRight: (facts) => ({
      mime_type: facts.mediaType,
      width: facts.width,
      height: facts.height,
      // What is stored is the image without its metadata, and limits are held against that.
      content_length: stripMetadata(bytes, facts).length
    })
  })

/** Of several images, or in a script's log, which one it was. */
const naming = (source: ImageSource, refused: Refused): Refused => {
  const { envelope } = refused.reply
  const { error } = envelope
  if (error?.code !== "INPUT_POLICY_DENIED") return refused
  const message = `${excerpt(source.filename)} is refused. ${textIn(error, "message") ?? ""}`
  const details = { ...objectIn(error, "details"), filename: source.filename }
  return new Refused({ reply: { ...refused.reply, envelope: { ...envelope, error: { ...error, message, details } } } })
}

/** With a key, the same image sent again answers with the same asset. */
export const uploadSource = (
  session: Session,
  source: ImageSource,
  idempotencyKey: string | null
): Effect.Effect<Reply, ImageFailure> =>
  Effect.gen(function* () {
    yield* session.report(`uploading ${source.filename}`)
    const sha256 = createHash("sha256").update(source.bytes).digest("hex")
    const sending = session.client.ask({
      method: "POST",
      path: "/v1/upload",
      timeoutMillis: waitingMillisMax,
      body: {
        source_kind: source.kind,
        filename: source.filename,
        remote_origin: source.remoteOrigin,
        ...(source.mimeType === null ? {} : { mime_type: source.mimeType }),
        content_length: source.bytes.byteLength,
        sha256,
        ...(idempotencyKey === null
          ? {}
          : { idempotency_key: `cli_${createHash("sha256").update(`${idempotencyKey}\n${sha256}`).digest("hex")}` }),
        bytes_base64: Buffer.from(source.bytes).toString("base64")
      }
    })
    return yield* Effect.mapError(sending, (error) => (error._tag === "Refused" ? naming(source, error) : error))
  })
