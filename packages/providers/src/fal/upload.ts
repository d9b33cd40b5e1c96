import { isIP } from "node:net"
import { extensionOf } from "@image-skill/core/kernel/Media"
import { type CallImage, type ProviderCall, ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, Redacted, Schema } from "effect"
import { type Exchange, type HttpAnswer, textOf } from "../internal/exchange.ts"
import { publicLookup, resolveBySystem } from "../media/SafeFetch.ts"
import { isPublicAddress } from "../media/SafeFetchAddresses.ts"
import { imagesOf } from "./encode.ts"

/** fal's file storage, which takes what is too large to travel inside a request. */
export interface Storage {
  readonly apiKey: Redacted.Redacted<string>
  readonly storageUrl: URL
}

/** An image above this goes through the storage: data URIs are meant for small files. */
export const inlineBytesMax = 10 * 1024 * 1024
/** Of all images inside one request together; where they are more, all go through the storage. */
export const inlineBytesWhole = 48 * 1024 * 1024

const initiateMillis = 30_000
/** 20 MiB, the most that an upload has, at 2 Mbit a second. */
const putMillis = 90_000
const answerBytesMax = 64 * 1024
/** fal may forget the file after a day: the work is done within minutes. */
const objectLifecycle = '{"expiration_duration_seconds":86400}'

const Slot = Schema.parseJson(Schema.Struct({ upload_url: Schema.String, file_url: Schema.String }))
const decodeSlot = Schema.decodeUnknown(Slot)

/** Nothing was asked for yet: whatever breaks here has cost nothing. */
const failed = (reason: ProviderError["reason"], message: string) =>
  new ProviderError({ reason, message, billed: "no" })

const refusalOf = ({ status }: HttpAnswer): ProviderError => {
  if (status === 401 || status === 403) return failed("authentication", "the key is refused by the provider's storage")
  if (status === 429) return failed("rate_limited", "the provider's storage takes no more files now")
  return status === 413
    ? failed("invalid_request", "the provider's storage finds an image too large")
    : failed("unavailable", "the provider's storage takes no files now")
}

/** An address that the storage names: encrypted and public, unless it is of the storage that the operator configured. */
const isSafe = (address: string, storage: URL): boolean => {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  if (url.username !== "" || url.password !== "") return false
  if (url.origin === storage.origin) return true
  const host = url.hostname.replace(/^\[|\]$/g, "")
  return url.protocol === "https:" && (isIP(host) === 0 || isPublicAddress(host))
}

/** Which images of a call do not fit into its request. */
const tooLargeInline = (call: ProviderCall): ReadonlyArray<CallImage> => {
  const images = imagesOf(call)
  const large = images.filter(({ bytes }) => bytes.length > inlineBytesMax)
  const rest = images.reduce((sum, image) => sum + (large.includes(image) ? 0 : image.bytes.length), 0)
  return rest > inlineBytesWhole ? images : large
}

const stored = (exchange: Exchange, { apiKey, storageUrl }: Storage) =>
  Effect.fn("fal.upload")(function* (image: CallImage) {
    const ask = (question: Parameters<Exchange["ask"]>[0]) =>
      exchange.ask(question).pipe(
        Effect.mapError(() => failed("unavailable", "the provider's storage cannot be reached")),
        Effect.filterOrFail(({ status }) => status >= 200 && status < 300, refusalOf)
      )
    const initiated = yield* ask({
      method: "POST",
      url: `${storageUrl.href.replace(/\/+$/, "")}/storage/upload/initiate?storage_type=fal-cdn-v3`,
      headers: {
        authorization: `Key ${Redacted.value(apiKey)}`,
        "content-type": "application/json",
        accept: "application/json",
        "x-fal-object-lifecycle": objectLifecycle
      },
      // Its name is public with the address: ours says nothing of the picture.
      body: JSON.stringify({ content_type: image.mediaType, file_name: `image.${extensionOf(image.mediaType)}` }),
      answerMillis: initiateMillis
    })
    const slot = yield* textOf(initiated, answerBytesMax).pipe(
      Effect.flatMap(decodeSlot),
      Effect.filterOrFail((one) => isSafe(one.upload_url, storageUrl) && isSafe(one.file_url, storageUrl)),
      Effect.mapError(() => failed("unavailable", "the provider's storage gave no address to upload to"))
    )
    const isConfigured = new URL(slot.upload_url).origin === storageUrl.origin
    const put = yield* ask({
      method: "PUT",
      url: slot.upload_url,
      // Without our key: the address itself is the permission, and may be of another house.
      headers: { "content-type": image.mediaType },
      body: image.bytes,
      ...(isConfigured ? {} : { lookup: publicLookup(resolveBySystem) }),
      answerMillis: putMillis
    })
    yield* Effect.ignore(textOf(put, answerBytesMax))
    return [image, slot.file_url] as const
  })

/** Puts what is too large for the request into fal's storage: the addresses of those images. Costs nothing at fal. */
export const uploadLarge = (
  exchange: Exchange,
  storage: Storage
): ((call: ProviderCall) => Effect.Effect<ReadonlyMap<CallImage, string>, ProviderError>) => {
  const upload = stored(exchange, storage)
  return (call) =>
    Effect.map(Effect.forEach(tooLargeInline(call), upload, { concurrency: 2 }), (entries) => new Map(entries))
}
