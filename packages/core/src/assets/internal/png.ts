import { Either } from "effect"
import type { Crc32 } from "../Checksum.ts"
import { bytesOf, bytesOfUint32be, concat, latin1, matches, uint8, uint32be } from "./bytes.ts"
import { crc32 } from "./crc32.ts"
import { noteExif, orientationExif, readExif } from "./exif.ts"
import {
  type ImageLimits,
  ImageProblem,
  keep,
  type MetadataKind,
  makeFacts,
  malformed,
  type Piece,
  sizeProblem,
  truncated,
  type Walked
} from "./layout.ts"

const mediaType = "image/png"
/** 20 MiB in the 4 KiB chunks of cautious encoders are 5,120; beyond this the file is made to waste time. */
const chunksMax = 65_536

/** Bit depths that each colour type allows. */
const depths: ReadonlyMap<number, ReadonlyArray<number>> = new Map([
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [3, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]]
])

const critical = ["IHDR", "PLTE", "IDAT", "IEND"]
/** Chunks that change how pixels look, the resolution in `pHYs` included; all others are dropped by a strip. */
const drawing = new Set([
  ...critical,
  ...["tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI", "mDCv", "cLLi", "sBIT", "bKGD", "hIST"],
  ...["pHYs", "acTL", "fcTL", "fdAT"]
])

const kinds: ReadonlyMap<string, MetadataKind> = new Map<string, MetadataKind>([
  ["tEXt", "text"],
  ["zTXt", "text"],
  ["iTXt", "text"],
  ["tIME", "time"],
  ["caBX", "c2pa"]
])

interface Chunk {
  readonly type: string
  readonly start: number
  readonly body: number
  readonly length: number
  readonly end: number
}

/** What has been seen so far. Chunks are visited once, in order. */
interface Progress {
  readonly width: number
  readonly height: number
  readonly colourType: number
  readonly metadata: Set<MetadataKind>
  readonly pieces: Array<Piece>
  hasData: boolean
  hasPalette: boolean
  hasTransparency: boolean
  orientation: number
  declaredFrames: number
  frames: number
}

/** Walks every chunk up to IEND. Nothing is inflated, so a compressed text of a gigabyte costs nothing. */
export const walkPng = (bytes: Uint8Array, limits: ImageLimits, checksum: Crc32 = crc32): Walked => {
  const header = readHeader(bytes, limits)
  if (Either.isLeft(header)) return Either.left(header.left)
  const progress = header.right
  let offset = 33
  for (let count = 0; count < chunksMax; count++) {
    if (offset + 12 > bytes.length) return truncated(mediaType)
    const chunk = readChunk(bytes, offset)
    if (chunk.length > 0x7fffffff) return malformed(mediaType, "a chunk is longer than PNG allows")
    if (chunk.end > bytes.length) return truncated(mediaType)
    if (critical.includes(chunk.type) && !hasGoodChecksum(bytes, chunk, checksum)) {
      return malformed(mediaType, `a ${chunk.type} checksum is wrong`)
    }
    const problem = visit(bytes, chunk, progress, limits)
    if (problem !== undefined) return Either.left(problem)
    offset = chunk.end
    if (chunk.type === "IEND") return finish(bytes, offset, progress, limits)
  }
  return malformed(mediaType, `more than ${chunksMax} chunks`)
}

const readChunk = (bytes: Uint8Array, start: number): Chunk => {
  const length = uint32be(bytes, start)
  return { type: latin1(bytes, start + 4, 4), start, body: start + 8, length, end: start + 12 + length }
}

const hasGoodChecksum = (bytes: Uint8Array, chunk: Chunk, checksum: Crc32): boolean =>
  checksum(bytes, chunk.start + 4, chunk.body + chunk.length) === uint32be(bytes, chunk.body + chunk.length)

const readHeader = (bytes: Uint8Array, limits: ImageLimits): Either.Either<Progress, ImageProblem> => {
  if (bytes.length < 33) return truncated(mediaType)
  const chunk = readChunk(bytes, 8)
  if (chunk.type !== "IHDR" || chunk.length !== 13) return malformed(mediaType, "does not begin with a header chunk")
  if (!hasGoodChecksum(bytes, chunk, crc32)) return malformed(mediaType, "the checksum of the header is wrong")
  const width = uint32be(bytes, 16)
  const height = uint32be(bytes, 20)
  const colourType = uint8(bytes, 25)
  if (depths.get(colourType)?.includes(uint8(bytes, 24)) !== true) {
    return malformed(mediaType, "no such combination of colour type and bit depth")
  }
  if (uint8(bytes, 26) !== 0 || uint8(bytes, 27) !== 0 || uint8(bytes, 28) > 1) {
    return malformed(mediaType, "unknown compression, filter or interlace method")
  }
  const problem = sizeProblem(mediaType, { width, height, frames: 1 }, limits)
  if (problem !== undefined) return Either.left(problem)
  return Either.right({
    ...{ width, height, colourType, metadata: new Set<MetadataKind>(), pieces: [{ start: 0, end: chunk.end }] },
    ...{ hasData: false, hasPalette: false, hasTransparency: false, orientation: 1, declaredFrames: 0, frames: 0 }
  })
}

const visit = (bytes: Uint8Array, chunk: Chunk, progress: Progress, limits: ImageLimits): ImageProblem | undefined => {
  const wrong = (reason: string) => ImageProblem.Malformed({ mediaType, reason })
  if (drawing.has(chunk.type)) keep(progress.pieces, chunk.start, chunk.end)
  switch (chunk.type) {
    case "IHDR":
      return wrong("two headers")
    case "PLTE":
      progress.hasPalette = true
      return undefined
    case "IDAT":
      progress.hasData = true
      return undefined
    case "tRNS":
      progress.hasTransparency = true
      return undefined
    case "iCCP":
      progress.metadata.add("icc")
      return undefined
    case "eXIf": {
      const exif = readExif(bytes.subarray(chunk.body, chunk.body + chunk.length))
      noteExif(progress.metadata, exif)
      progress.orientation = exif.orientation
      return undefined
    }
    case "acTL":
      if (progress.hasData) return wrong("the animation is declared after the picture")
      progress.declaredFrames = uint32be(bytes, chunk.body)
      return sizeProblem(mediaType, { ...progress, frames: Math.max(1, progress.declaredFrames) }, limits)
    case "fcTL":
      return visitFrame(bytes, chunk, progress, limits)
    default:
      if (drawing.has(chunk.type)) return undefined
      // An unknown chunk with a capital first letter is one that a decoder must understand or give up.
      if (/^[A-Z]/.test(chunk.type)) return wrong("an unknown critical chunk")
      progress.metadata.add(kindOf(bytes, chunk))
      return undefined
  }
}

const visitFrame = (
  bytes: Uint8Array,
  chunk: Chunk,
  progress: Progress,
  limits: ImageLimits
): ImageProblem | undefined => {
  progress.frames++
  const right = uint32be(bytes, chunk.body + 4) + uint32be(bytes, chunk.body + 12)
  const bottom = uint32be(bytes, chunk.body + 8) + uint32be(bytes, chunk.body + 16)
  if (chunk.length !== 26 || right > progress.width || bottom > progress.height) {
    return ImageProblem.Malformed({ mediaType, reason: "a frame lies outside the picture" })
  }
  return sizeProblem(mediaType, progress, limits)
}

/** XMP belongs in an `iTXt` chunk, but libvips writes it compressed, as `zTXt`. */
const kindOf = (bytes: Uint8Array, chunk: Chunk): MetadataKind => {
  const kind = kinds.get(chunk.type) ?? "other"
  return kind === "text" && matches(bytes, chunk.body, "XML:com.adobe.xmp") ? "xmp" : kind
}

const orientationChunk = (orientation: number): Uint8Array => {
  const body = concat([bytesOf("eXIf"), orientationExif(orientation)])
  return concat([bytesOfUint32be(body.length - 4), body, bytesOfUint32be(crc32(body, 0, body.length))])
}

const finish = (bytes: Uint8Array, end: number, progress: Progress, limits: ImageLimits): Walked => {
  const { colourType, metadata, orientation, pieces } = progress
  if (!progress.hasData) return malformed(mediaType, "no picture data")
  if (colourType === 3 && !progress.hasPalette) return malformed(mediaType, "no palette")
  if (progress.frames !== progress.declaredFrames) return malformed(mediaType, "frames are not as many as declared")
  if (end < bytes.length) metadata.add("trailer")
  const frames = Math.max(1, progress.frames)
  const problem = sizeProblem(mediaType, { ...progress, frames }, limits)
  if (problem !== undefined) return Either.left(problem)
  const hasAlpha = colourType >= 4 || progress.hasTransparency
  // The first piece may have grown over later chunks, so the kept orientation goes right after the 33 bytes of header.
  const rest = pieces.map((piece) => ("start" in piece && piece.start === 0 ? { start: 33, end: piece.end } : piece))
  return Either.right({
    facts: makeFacts(mediaType, { ...progress, frames, hasAlpha }),
    pieces: orientation === 1 ? pieces : [{ start: 0, end: 33 }, orientationChunk(orientation), ...rest]
  })
}
