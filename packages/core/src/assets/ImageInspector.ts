import { Either } from "effect"
import type { MediaType } from "../kernel/Media.ts"
import type { Crc32 } from "./Checksum.ts"
import { walkAvif } from "./internal/avif.ts"
import { walkGif } from "./internal/gif.ts"
import { walkJpeg } from "./internal/jpeg.ts"
import {
  assemble,
  type ImageFacts,
  type ImageLimits,
  ImageProblem,
  type MetadataKind,
  type Walked
} from "./internal/layout.ts"
import { walkPng } from "./internal/png.ts"
import { sniff } from "./internal/sniff.ts"
import { walkWebp } from "./internal/webp.ts"

export { type Guess, type ImageFacts, type ImageLimits, ImageProblem, type MetadataKind } from "./internal/layout.ts"

/** 20 MiB, 50 megapixels over all frames, 100 frames, 16,384 pixels a side. */
export const defaultImageLimits: ImageLimits = {
  bytes: 20 * 1024 * 1024,
  pixels: 50_000_000,
  frames: 100,
  side: 16_384
}

const walkers = {
  "image/png": walkPng,
  "image/jpeg": walkJpeg,
  "image/webp": walkWebp,
  "image/gif": walkGif,
  "image/avif": walkAvif
} as const satisfies Record<MediaType, (bytes: Uint8Array, limits: ImageLimits, checksum?: Crc32) => Walked>

/**
 * What the bytes are, from their structure alone: nothing is decoded or inflated, memory stays below the size of the
 * input and time below some 5 ms a megabyte. `checksum` is the platform's own CRC where it has one. It never throws.
 * That the structure holds does not mean that the pixels are there: `ImageCodec.verify` proves that.
 */
export const inspect = (
  bytes: Uint8Array,
  limits: ImageLimits = defaultImageLimits,
  checksum?: Crc32
): Either.Either<ImageFacts, ImageProblem> => Either.map(walk(bytes, limits, checksum), ({ facts }) => facts)

const walk = (bytes: Uint8Array, limits: ImageLimits, checksum: Crc32 | undefined): Walked => {
  if (bytes.length === 0) return Either.left(ImageProblem.Empty())
  if (bytes.length > limits.bytes) {
    return Either.left(ImageProblem.TooManyBytes({ got: bytes.length, limit: limits.bytes }))
  }
  return Either.match(sniff(bytes), {
    onLeft: (guess) => Either.left(ImageProblem.NotAnImage({ guess })),
    onRight: (mediaType) => walkers[mediaType](bytes, limits, checksum)
  })
}

const kept: ReadonlyArray<MetadataKind> = ["icc", "orientation"]

/** Kinds that `stripMetadata` would take away; empty when it has nothing to do. */
export const strippable = (facts: ImageFacts): ReadonlyArray<MetadataKind> =>
  facts.metadata.filter((kind) => !kept.includes(kind))

const noLimits: ImageLimits = { bytes: Infinity, pixels: Infinity, frames: Infinity, side: Infinity }

/**
 * The same image without EXIF, XMP, IPTC, comments, texts, vendor blocks and trailing bytes. Pixels are not re-encoded,
 * colour profiles stay, and an orientation other than 1 stays as a 26-byte EXIF block of its own. A C2PA manifest goes
 * too: it signs the very bytes that change, and may name people; whoever wants it kept does not strip.
 *
 * `facts` must be what `inspect` said of these bytes: anything else is a bug of the caller and throws. When there is
 * nothing to take away the result is `bytes` itself; otherwise it is a copy.
 */
export const stripMetadata = (bytes: Uint8Array, facts: ImageFacts, checksum?: Crc32): Uint8Array => {
  if (strippable(facts).length === 0) return bytes
  const { pieces } = Either.getOrThrowWith(
    walkers[facts.mediaType](bytes, noLimits, checksum),
    () => new Error("stripMetadata was given bytes that inspect would refuse")
  )
  return assemble(bytes, pieces)
}

/** What is wrong, in a sentence for the person who sent the bytes. */
export const describeProblem: (problem: ImageProblem) => string = ImageProblem.$match({
  Empty: () => "The file is empty.",
  NotAnImage: ({ guess }) => guesses[guess],
  Truncated: ({ mediaType }) => `The ${mediaType} file is cut short.`,
  Malformed: ({ mediaType, reason }) => `The ${mediaType} file is damaged: ${reason}.`,
  ZeroDimensions: ({ mediaType }) => `The ${mediaType} file says that it has no width or no height.`,
  TooManyBytes: ({ got, limit }) => `The file has ${got} bytes; at most ${limit} are taken.`,
  TooManyPixels: ({ got, limit }) => `The image has ${got} pixels, all frames together; at most ${limit} are taken.`,
  TooManyFrames: ({ got, limit }) => `The image has ${got} frames or more; at most ${limit} are taken.`,
  SideTooLong: ({ got, limit }) => `A side of the image is ${got} pixels long; at most ${limit} are taken.`
})

const supported = "PNG, JPEG, WebP, GIF and AVIF images are taken."
const guesses = {
  svg: `The file is an SVG drawing. ${supported}`,
  html: `The file is a web page. ${supported}`,
  text: `The file is text. ${supported}`,
  pdf: `The file is a PDF document. ${supported}`,
  heic: `The file is a HEIC photo: export it as JPEG first. ${supported}`,
  unknown: `The file is no image of a known type. ${supported}`
} as const
