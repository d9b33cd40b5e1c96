import { Either } from "effect"
import { bytesOf, bytesOfUint32le, concat, latin1, uint8, uint16le, uint24le, uint32le } from "./bytes.ts"
import { noteExif, orientationExif, readExif } from "./exif.ts"
import {
  type ImageLimits,
  ImageProblem,
  keep,
  type MetadataKind,
  makeFacts,
  malformed,
  oriented,
  type Piece,
  sizeProblem,
  truncated,
  type Walked
} from "./layout.ts"

const mediaType = "image/webp"
const chunksMax = 1000

const alphaFlag = 0x10
const exifFlag = 0x08
const keptFlags = 0x20 | alphaFlag | 0x02

interface Chunk {
  readonly type: string
  readonly start: number
  readonly body: number
  readonly length: number
  readonly end: number
}

interface Picture {
  readonly width: number
  readonly height: number
  readonly hasAlpha: boolean
}

interface Progress {
  readonly metadata: Set<MetadataKind>
  readonly pieces: Array<Piece>
  /** What the extended header says, when there is one. */
  canvas: Picture | undefined
  flags: number
  still: Picture | undefined
  frames: number
  hasAlpha: boolean
  orientation: number
}

/** Walks the chunks of the RIFF container; pictures are read as far as their own size fields. */
export const walkWebp = (bytes: Uint8Array, limits: ImageLimits): Walked => {
  if (bytes.length < 20) return truncated(mediaType)
  const end = uint32le(bytes, 4) + 8
  if (end > bytes.length) return truncated(mediaType)
  const progress: Progress = {
    ...{ metadata: new Set<MetadataKind>(), pieces: [], canvas: undefined, flags: 0, still: undefined },
    ...{ frames: 0, hasAlpha: false, orientation: 1 }
  }
  const chunks = readChunks(bytes, 12, end)
  if (Either.isLeft(chunks)) return Either.left(chunks.left)
  for (const chunk of chunks.right) {
    const problem = visit(bytes, chunk, progress, limits)
    if (problem !== undefined) return Either.left(problem)
  }
  if (end < bytes.length) progress.metadata.add("trailer")
  return finish(bytes, progress, limits)
}

const readChunks = (
  bytes: Uint8Array,
  start: number,
  end: number
): Either.Either<ReadonlyArray<Chunk>, ImageProblem> => {
  const chunks: Array<Chunk> = []
  let offset = start
  while (offset < end) {
    if (offset + 8 > end) return truncated(mediaType)
    const length = uint32le(bytes, offset + 4)
    const body = offset + 8
    if (body + length > end) return truncated(mediaType)
    // Chunks are padded to even lengths; some writers forget the last pad.
    const chunkEnd = Math.min(body + length + (length & 1), end)
    chunks.push({ type: latin1(bytes, offset, 4), start: offset, body, length, end: chunkEnd })
    if (chunks.length > chunksMax) return malformed(mediaType, `more than ${chunksMax} chunks`)
    offset = chunkEnd
  }
  return Either.right(chunks)
}

const keepChunk = (pieces: Array<Piece>, chunk: Chunk): void => {
  keep(pieces, chunk.start, chunk.end)
  if (chunk.end - chunk.body < chunk.length + (chunk.length & 1)) pieces.push(Uint8Array.of(0))
}

const visit = (bytes: Uint8Array, chunk: Chunk, progress: Progress, limits: ImageLimits): ImageProblem | undefined => {
  const { metadata, pieces } = progress
  switch (chunk.type) {
    case "VP8X":
      return visitExtended(bytes, chunk, progress, limits)
    case "VP8 ":
    case "VP8L": {
      if (progress.still !== undefined) return ImageProblem.Malformed({ mediaType, reason: "two pictures" })
      progress.still = readPicture(bytes, chunk)
      if (progress.still === undefined) return ImageProblem.Malformed({ mediaType, reason: "no picture data" })
      keepChunk(pieces, chunk)
      return sizeProblem(mediaType, { ...progress.still, frames: 1 }, limits)
    }
    case "ANMF":
      keepChunk(pieces, chunk)
      return visitFrame(bytes, chunk, progress, limits)
    case "ALPH":
      progress.hasAlpha = true
      keepChunk(pieces, chunk)
      return undefined
    case "ANIM":
      keepChunk(pieces, chunk)
      return undefined
    case "ICCP":
      metadata.add("icc")
      keepChunk(pieces, chunk)
      return undefined
    case "EXIF": {
      const exif = readExif(bytes.subarray(chunk.body, chunk.body + chunk.length))
      noteExif(metadata, exif)
      // Decoders look for the block only where the extended header announces it.
      if (progress.flags & exifFlag) progress.orientation = exif.orientation
      return undefined
    }
    default:
      metadata.add(chunk.type === "XMP " ? "xmp" : chunk.type === "C2PA" ? "c2pa" : "other")
      return undefined
  }
}

const visitExtended = (
  bytes: Uint8Array,
  chunk: Chunk,
  progress: Progress,
  limits: ImageLimits
): ImageProblem | undefined => {
  if (chunk.length < 10 || chunk.start !== 12) {
    return ImageProblem.Malformed({ mediaType, reason: "the extended header is out of place" })
  }
  progress.flags = uint8(bytes, chunk.body)
  const hasAlpha = (progress.flags & alphaFlag) !== 0
  progress.canvas = {
    width: 1 + uint24le(bytes, chunk.body + 4),
    height: 1 + uint24le(bytes, chunk.body + 7),
    hasAlpha
  }
  return sizeProblem(mediaType, { ...progress.canvas, frames: 1 }, limits)
}

/** The size that the compressed picture itself states; `undefined` when it is none. */
const readPicture = (bytes: Uint8Array, chunk: Chunk): Picture | undefined => {
  const { body, length, type } = chunk
  if (type === "VP8L") {
    if (length < 5 || uint8(bytes, body) !== 0x2f) return undefined
    const bits = uint32le(bytes, body + 1)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff), hasAlpha: ((bits >>> 28) & 1) === 1 }
  }
  const isKeyFrame = length >= 10 && (uint8(bytes, body) & 1) === 0 && latin1(bytes, body + 3, 3) === "\x9d\x01\x2a"
  if (type !== "VP8 " || !isKeyFrame) return undefined
  return {
    width: uint16le(bytes, body + 6) & 0x3fff,
    height: uint16le(bytes, body + 8) & 0x3fff,
    hasAlpha: false
  }
}

const visitFrame = (
  bytes: Uint8Array,
  chunk: Chunk,
  progress: Progress,
  limits: ImageLimits
): ImageProblem | undefined => {
  const wrong = (reason: string) => ImageProblem.Malformed({ mediaType, reason })
  const { body } = chunk
  if (progress.canvas === undefined || chunk.length < 16) return wrong("a frame without a canvas")
  const width = 1 + uint24le(bytes, body + 6)
  const height = 1 + uint24le(bytes, body + 9)
  const right = uint24le(bytes, body) * 2 + width
  const bottom = uint24le(bytes, body + 3) * 2 + height
  if (right > progress.canvas.width || bottom > progress.canvas.height) return wrong("a frame lies outside the picture")
  const inner = readChunks(bytes, body + 16, body + chunk.length)
  if (Either.isLeft(inner)) return inner.left
  const picture = inner.right.map((part) => readPicture(bytes, part)).find((found) => found !== undefined)
  if (picture === undefined) return wrong("a frame without picture data")
  if (picture.width !== width || picture.height !== height) return wrong("a frame is not of the size it states")
  progress.frames++
  return sizeProblem(mediaType, { ...progress.canvas, frames: progress.frames }, limits)
}

const finish = (bytes: Uint8Array, progress: Progress, limits: ImageLimits): Walked => {
  const { canvas, metadata, orientation, still } = progress
  if ((still === undefined) === (progress.frames === 0)) return malformed(mediaType, "no single picture or animation")
  const size = canvas ?? still
  if (size === undefined) return malformed(mediaType, "no picture data")
  if (still !== undefined && (still.width !== size.width || still.height !== size.height)) {
    return malformed(mediaType, "the picture is not of the size that the header states")
  }
  const { height, width } = size
  const frames = Math.max(1, progress.frames)
  const hasAlpha = size.hasAlpha || still?.hasAlpha === true || progress.hasAlpha
  const problem = sizeProblem(mediaType, { ...oriented(width, height, orientation), frames }, limits)
  if (problem !== undefined) return Either.left(problem)
  return Either.right({
    facts: makeFacts(mediaType, { width, height, frames, hasAlpha, orientation, metadata }),
    pieces: container(bytes, progress)
  })
}

/** The kept chunks under a new RIFF header, whose extended header no longer promises what was dropped. */
const container = (bytes: Uint8Array, progress: Progress): ReadonlyArray<Piece> => {
  const { canvas, orientation, pieces } = progress
  const body: Array<Piece> = [...pieces]
  if (canvas !== undefined) {
    const flags = (progress.flags & keptFlags) | (orientation === 1 ? 0 : exifFlag)
    body.unshift(concat([bytesOf("VP8X"), bytesOfUint32le(10), Uint8Array.of(flags, 0, 0, 0), bytes.subarray(24, 30)]))
    if (orientation !== 1) {
      const exif = orientationExif(orientation)
      body.push(concat([bytesOf("EXIF"), bytesOfUint32le(exif.length), exif]))
    }
  }
  const lengthOf = (piece: Piece) => (piece instanceof Uint8Array ? piece.length : piece.end - piece.start)
  const length = body.reduce((sum, piece) => sum + lengthOf(piece), 4)
  return [concat([bytesOf("RIFF"), bytesOfUint32le(length), bytesOf("WEBP")]), ...body]
}
