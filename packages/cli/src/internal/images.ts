/** Images that the user named, as assets: a path or a foreign URL is uploaded, each one once, and not before it must. */
import { fail } from "@image-skill/core/kernel/Errors"
import { assetIdPattern } from "@image-skill/core/kernel/Ids"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import { Effect } from "effect"
import { Refused, type Reply } from "../Client.ts"
import type { Session } from "../Session.ts"
import { objectIn, textIn } from "./fields.ts"
import { absolute, checkReadable, kindAt } from "./files.ts"
import {
  describe,
  type ImageFailure,
  type ImageSource,
  isForeign,
  isUrl,
  readProblem,
  readSource,
  uploadSource
} from "./imageSources.ts"

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

/** An image as typed, and the flag that it was typed after. */
export interface Typed {
  readonly flag: string
  readonly typed: string
}

export interface NamedImage {
  /** Its asset id or, for an image that is not uploaded yet, what stands for one in a dry run. */
  readonly id: string
  /** Null for an asset. */
  readonly pending: {
    /** What a dry run says of the image. */
    readonly described: JsonObject
    /** Answers the asset's id. */
    readonly upload: Effect.Effect<string, ImageFailure>
  } | null
}

const noAssetId = fail("HOSTED_API_REQUEST_FAILED", "The server's answer to an upload names no asset")

/** A path wins over an id that looks the same. */
const isAssetId = (session: Session, typed: string): Effect.Effect<boolean> =>
  isForeign(typed) || !assetIdPattern.test(typed)
    ? Effect.succeed(false)
    : kindAt(absolute(session.host.workingDirectory, typed)).pipe(
        Effect.orElseSucceed(() => null),
        Effect.map((kind) => kind === null)
      )

/** Fails for a path that leads to no file that could be uploaded. */
const check = (session: Session, { flag, typed }: Typed): Effect.Effect<void, ImageFailure> =>
  Effect.gen(function* () {
    if (isForeign(typed) || (yield* isAssetId(session, typed))) return
    yield* checkReadable(absolute(session.host.workingDirectory, typed), limits.uploadBytesMax).pipe(
      Effect.mapError((problem) => readProblem(session, flag, typed, problem))
    )
  })

const name = (session: Session, { flag, typed }: Typed, standIn: string, idempotencyKey: string | null) =>
  Effect.gen(function* () {
    const owned = isUrl(typed) ? yield* ownedUrl(session, typed) : null
    const asset = (id: string): NamedImage => ({ id, pending: null })
    if (owned !== null) return asset(textIn(objectIn(owned.envelope.data, "asset"), "asset_id") ?? (yield* noAssetId))
    if (yield* isAssetId(session, typed)) return asset(typed)
    const source = yield* readSource(session, flag, typed)
    const described = yield* describe(flag, typed, source)
    // A file is read again when it is sent: forty of them in memory at once would be too much.
    const again: Effect.Effect<ImageSource, ImageFailure> =
      source.kind === "remote_url" ? Effect.succeed(source) : readSource(session, flag, typed)
    const upload = Effect.gen(function* () {
      const reply = yield* uploadSource(session, yield* again, idempotencyKey)
      yield* Effect.forEach(reply.envelope.warnings, session.warn)
      return textIn(objectIn(reply.envelope.data, "asset"), "asset_id") ?? (yield* noAssetId)
    })
    const named: NamedImage = { id: standIn, pending: { described: { asset_id: standIn, ...described }, upload } }
    return named
  })

/** What one image is, however it is spelled. */
const identityOf = (session: Session, typed: string): string =>
  isForeign(typed) ? typed : absolute(session.host.workingDirectory, typed)

const atOnceMax = 4

/** Every image by how it was typed. All of them are looked at before anything is read, and nothing is uploaded. */
export const nameImages = (session: Session, wanted: ReadonlyArray<Typed>, idempotencyKey: string | null) =>
  Effect.gen(function* () {
    yield* Effect.forEach(wanted, (one) => check(session, one), { discard: true })
    const distinct = new Map<string, Typed>()
    for (const one of wanted) {
      const identity = identityOf(session, one.typed)
      if (!distinct.has(identity)) distinct.set(identity, one)
    }
    const named = yield* Effect.forEach(
      [...distinct],
      ([identity, one], index) =>
        Effect.map(
          name(session, one, `image_described.${index}`, idempotencyKey),
          (image) => [identity, image] as const
        ),
      { concurrency: atOnceMax }
    )
    const byIdentity = new Map(named)
    return {
      images: named.map(([, image]) => image),
      of: (typed: string): NamedImage | undefined => byIdentity.get(identityOf(session, typed))
    }
  })

/** Uploads what is no asset yet; answers each image's asset id by the id that it had. */
export const uploadAll = (images: ReadonlyArray<NamedImage>) =>
  Effect.map(
    Effect.forEach(
      images,
      ({ id, pending }) =>
        Effect.map(pending === null ? Effect.succeed(id) : pending.upload, (assetId) => [id, assetId] as const),
      { concurrency: atOnceMax }
    ),
    (ids): ReadonlyMap<string, string> => new Map(ids)
  )
