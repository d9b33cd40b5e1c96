import { Data, Either } from "effect"
import type { MediaType } from "../../kernel/Media.ts"
import { concat } from "./bytes.ts"

/**
 * Kinds of bytes that are not pixels. `orientation` is an EXIF block that says nothing else; `location` an EXIF block
 * with GPS fields; `c2pa` a signed provenance manifest; `trailer` bytes after the image's own end; `other` whatever no
 * decoder needs for drawing.
 */
export type MetadataKind =
  | "c2pa"
  | "comment"
  | "exif"
  | "icc"
  | "iptc"
  | "location"
  | "orientation"
  | "other"
  | "text"
  | "time"
  | "trailer"
  | "xmp"

/** What the bytes say of themselves. Width and height are in pixels as displayed, EXIF or AVIF rotation applied. */
export interface ImageFacts {
  readonly mediaType: MediaType
  readonly width: number
  readonly height: number
  /** Pictures in the file; 1 for a still. */
  readonly frames: number
  readonly animated: boolean
  readonly hasAlpha: boolean
  /** EXIF orientation, 1 to 8, already applied to width and height. Always 1 for GIF and AVIF. */
  readonly orientation: number
  /** Kinds present, sorted. */
  readonly metadata: ReadonlyArray<MetadataKind>
}

export interface ImageLimits {
  readonly bytes: number
  /** Pixels of all frames together. */
  readonly pixels: number
  readonly frames: number
  /** Longest side in pixels. */
  readonly side: number
}

/** What text or a foreign container looked like. A hint for people, never a decision. */
export type Guess = "svg" | "html" | "text" | "pdf" | "heic" | "unknown"

/** Why bytes are refused. `got` of frames is what had been counted when the count was given up. */
export type ImageProblem = Data.TaggedEnum<{
  Empty: {}
  NotAnImage: { readonly guess: Guess }
  Truncated: { readonly mediaType: MediaType }
  Malformed: { readonly mediaType: MediaType; readonly reason: string }
  ZeroDimensions: { readonly mediaType: MediaType }
  TooManyBytes: { readonly got: number; readonly limit: number }
  TooManyPixels: { readonly got: number; readonly limit: number }
  TooManyFrames: { readonly got: number; readonly limit: number }
  SideTooLong: { readonly got: number; readonly limit: number }
}>
export const ImageProblem = Data.taggedEnum<ImageProblem>()

/** A stretch of the file that a strip keeps, or bytes that it writes instead. */
export type Piece = { readonly start: number; readonly end: number } | Uint8Array

/** One walk answers both questions, so that `inspect` and `stripMetadata` can never disagree about a file. */
export interface Layout {
  readonly facts: ImageFacts
  readonly pieces: ReadonlyArray<Piece>
}

export type Walked = Either.Either<Layout, ImageProblem>

/** Appends a stretch, or lengthens the last piece when it touches it. */
export const keep = (pieces: Array<Piece>, start: number, end: number): void => {
  const last = pieces.at(-1)
  if (last !== undefined && !(last instanceof Uint8Array) && last.end === start) {
    pieces[pieces.length - 1] = { start: last.start, end }
  } else {
    pieces.push({ start, end })
  }
}

export const assemble = (bytes: Uint8Array, pieces: ReadonlyArray<Piece>): Uint8Array =>
  concat(pieces.map((piece) => (piece instanceof Uint8Array ? piece : bytes.subarray(piece.start, piece.end))))

/** The first limit that a picture of this size breaks. Called as soon as a header is read, and again per frame count. */
export const sizeProblem = (
  mediaType: MediaType,
  size: { readonly width: number; readonly height: number; readonly frames: number },
  limits: ImageLimits
): ImageProblem | undefined => {
  const { frames, height, width } = size
  if (width < 1 || height < 1) return ImageProblem.ZeroDimensions({ mediaType })
  const side = Math.max(width, height)
  if (side > limits.side) return ImageProblem.SideTooLong({ got: side, limit: limits.side })
  if (frames > limits.frames) return ImageProblem.TooManyFrames({ got: frames, limit: limits.frames })
  const pixels = width * height * frames
  if (pixels > limits.pixels) return ImageProblem.TooManyPixels({ got: pixels, limit: limits.pixels })
  return undefined
}

/** Width and height as displayed: orientations 5 to 8 lie on their side. */
export const oriented = (width: number, height: number, orientation: number) =>
  orientation >= 5 ? { width: height, height: width } : { width, height }

export const makeFacts = (
  mediaType: MediaType,
  seen: {
    readonly width: number
    readonly height: number
    readonly frames: number
    readonly hasAlpha: boolean
    readonly orientation: number
    readonly metadata: ReadonlySet<MetadataKind>
  }
): ImageFacts => ({
  mediaType,
  ...oriented(seen.width, seen.height, seen.orientation),
  frames: seen.frames,
  animated: seen.frames > 1,
  hasAlpha: seen.hasAlpha,
  orientation: seen.orientation,
  metadata: [...seen.metadata].sort()
})

export const malformed = (mediaType: MediaType, reason: string): Either.Either<never, ImageProblem> =>
  Either.left(ImageProblem.Malformed({ mediaType, reason }))

export const truncated = (mediaType: MediaType): Either.Either<never, ImageProblem> =>
  Either.left(ImageProblem.Truncated({ mediaType }))
