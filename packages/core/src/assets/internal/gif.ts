import { Either } from "effect"
import { latin1, uint8, uint16le } from "./bytes.ts"
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

const mediaType = "image/gif"
/** Extensions beside the frames; a frame has one or two. */
const blocksMax = 10_000

const imageBlock = 0x2c
const extensionBlock = 0x21
const trailer = 0x3b

const graphicControl = 0xf9
const comment = 0xfe
const plainText = 0x01
const application = 0xff

/** Application extensions that drawing needs: the loop count, under its two names. */
const loops = ["NETSCAPE2.0", "ANIMEXTS1.0"]

interface Progress {
  readonly width: number
  readonly height: number
  readonly metadata: Set<MetadataKind>
  readonly pieces: Array<Piece>
  frames: number
  hasAlpha: boolean
}

/** Hops from block to block without unpacking a frame. Ends at the first frame above the limit. */
export const walkGif = (bytes: Uint8Array, limits: ImageLimits): Walked => {
  if (bytes.length < 13) return truncated(mediaType)
  const width = uint16le(bytes, 6)
  const height = uint16le(bytes, 8)
  const headerProblem = sizeProblem(mediaType, { width, height, frames: 1 }, limits)
  if (headerProblem !== undefined) return Either.left(headerProblem)
  let offset = 13 + colourTableLength(uint8(bytes, 10))
  const progress: Progress = {
    ...{ width, height, metadata: new Set<MetadataKind>(), pieces: [{ start: 0, end: offset }] },
    ...{ frames: 0, hasAlpha: false }
  }
  for (let count = 0; count < blocksMax; count++) {
    if (offset >= bytes.length) return truncated(mediaType)
    const introducer = uint8(bytes, offset)
    if (introducer === trailer) return finish(bytes, offset, progress)
    if (introducer !== imageBlock && introducer !== extensionBlock) return malformed(mediaType, "an unknown block")
    const read = introducer === imageBlock ? visitFrame : visitExtension
    const end = read(bytes, offset, progress, limits)
    if (typeof end !== "number") return Either.left(end)
    offset = end
  }
  return malformed(mediaType, `more than ${blocksMax} blocks`)
}

/** Bytes of a colour table from its packed field; 0 when there is none. */
const colourTableLength = (packed: number): number => (packed & 0x80 ? 3 << ((packed & 7) + 1) : 0)

/** The end of a chain of sub-blocks; `undefined` when the bytes end first. */
const skipSubBlocks = (bytes: Uint8Array, start: number): number | undefined => {
  let offset = start
  while (offset < bytes.length) {
    const length = uint8(bytes, offset)
    offset += 1 + length
    if (length === 0) return offset
  }
  return undefined
}

const visitFrame = (
  bytes: Uint8Array,
  start: number,
  progress: Progress,
  limits: ImageLimits
): number | ImageProblem => {
  if (start + 11 > bytes.length) return ImageProblem.Truncated({ mediaType })
  const width = uint16le(bytes, start + 5)
  const height = uint16le(bytes, start + 7)
  // Decoders grow the canvas to fit a frame that lies outside, past every limit that the header kept.
  if (uint16le(bytes, start + 1) + width > progress.width || uint16le(bytes, start + 3) + height > progress.height) {
    return ImageProblem.Malformed({ mediaType, reason: "a frame lies outside the picture" })
  }
  progress.frames++
  const problem = sizeProblem(mediaType, progress, limits)
  if (problem !== undefined) return problem
  const end = skipSubBlocks(bytes, start + 10 + colourTableLength(uint8(bytes, start + 9)) + 1)
  if (end === undefined) return ImageProblem.Truncated({ mediaType })
  keep(progress.pieces, start, end)
  return end
}

const visitExtension = (bytes: Uint8Array, start: number, progress: Progress): number | ImageProblem => {
  const end = skipSubBlocks(bytes, start + 2)
  if (end === undefined) return ImageProblem.Truncated({ mediaType })
  const label = uint8(bytes, start + 1)
  if (label === graphicControl) {
    if (uint8(bytes, start + 3) & 1) progress.hasAlpha = true
    keep(progress.pieces, start, end)
    return end
  }
  const name = label === application ? latin1(bytes, start + 3, 11) : ""
  if (loops.includes(name)) {
    keep(progress.pieces, start, end)
    return end
  }
  if (name === "ICCRGBG1012") {
    progress.metadata.add("icc")
    keep(progress.pieces, start, end)
    return end
  }
  progress.metadata.add(kindOf(label, name))
  return end
}

const kindOf = (label: number, name: string): MetadataKind => {
  if (label === comment) return "comment"
  if (label === plainText) return "text"
  if (name === "XMP DataXMP") return "xmp"
  return name.startsWith("C2PA_GIF") ? "c2pa" : "other"
}

const finish = (bytes: Uint8Array, offset: number, progress: Progress): Walked => {
  if (progress.frames === 0) return malformed(mediaType, "no picture data")
  if (offset + 1 < bytes.length) progress.metadata.add("trailer")
  keep(progress.pieces, offset, offset + 1)
  return Either.right({ facts: makeFacts(mediaType, { ...progress, orientation: 1 }), pieces: progress.pieces })
}
