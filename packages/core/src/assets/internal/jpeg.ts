import { Either } from "effect"
import { bytesOf, concat, matches, uint8, uint16be } from "./bytes.ts"
import { exifPrefix, noteExif, orientationExif, readExif } from "./exif.ts"
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

const mediaType = "image/jpeg"
const segmentsMax = 10_000
/** Each scan of a progressive file is a pass over the whole picture: libvips gives up after as many. */
const scansMax = 100

const endOfImage = 0xd9
const startOfScan = 0xda

interface Segment {
  readonly marker: number
  readonly start: number
  readonly body: number
  readonly end: number
}

interface Progress {
  readonly metadata: Set<MetadataKind>
  readonly pieces: Array<Piece>
  width: number
  height: number
  hasFrame: boolean
  scans: number
  orientation: number
  hasExif: boolean
}

/**
 * Walks the segments and skips the coded pixels up to the end marker, which must be there: without it a cut file looks
 * whole. Bytes after it are let pass, because phones append previews and videos; a strip drops them.
 */
export const walkJpeg = (bytes: Uint8Array, limits: ImageLimits): Walked => {
  const progress: Progress = {
    ...{ metadata: new Set<MetadataKind>(), pieces: [{ start: 0, end: 2 }], width: 0, height: 0 },
    ...{ hasFrame: false, scans: 0, orientation: 1, hasExif: false }
  }
  let offset = 2
  for (let count = 0; count < segmentsMax; count++) {
    const segment = readSegment(bytes, offset)
    if (segment === "cut") return truncated(mediaType)
    if (segment === "lost") return malformed(mediaType, "no marker where one must be")
    if (segment.marker === endOfImage) return finish(bytes, segment, progress, limits)
    const problem = visit(bytes, segment, progress, limits)
    if (problem !== undefined) return Either.left(problem)
    offset = segment.end
    if (segment.marker !== startOfScan) continue
    const next = skipScan(bytes, segment.end)
    if (next === undefined) return truncated(mediaType)
    keep(progress.pieces, segment.end, next)
    offset = next
  }
  return malformed(mediaType, `more than ${segmentsMax} segments`)
}

const isStandalone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= endOfImage)

const readSegment = (bytes: Uint8Array, offset: number): Segment | "cut" | "lost" => {
  if (offset + 2 > bytes.length) return "cut"
  if (bytes[offset] !== 0xff) return "lost"
  let start = offset
  // Any number of fill bytes may stand before a marker.
  while (bytes[start + 1] === 0xff) start++
  if (start + 2 > bytes.length) return "cut"
  const marker = uint8(bytes, start + 1)
  if (marker === 0) return "lost"
  if (isStandalone(marker)) return { marker, start, body: start + 2, end: start + 2 }
  if (start + 4 > bytes.length) return "cut"
  const length = uint16be(bytes, start + 2)
  if (length < 2) return "lost"
  const end = start + 2 + length
  return end > bytes.length ? "cut" : { marker, start, body: start + 4, end }
}

/** Where the marker after the coded pixels stands; `undefined` when there is none. Restart markers are pixels' own. */
const skipScan = (bytes: Uint8Array, start: number): number | undefined => {
  let offset = bytes.indexOf(0xff, start)
  while (offset !== -1 && offset + 1 < bytes.length) {
    const marker = uint8(bytes, offset + 1)
    if (marker !== 0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xd7)) return offset
    offset = bytes.indexOf(0xff, marker === 0xff ? offset + 1 : offset + 2)
  }
  return undefined
}

const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

const visit = (
  bytes: Uint8Array,
  segment: Segment,
  progress: Progress,
  limits: ImageLimits
): ImageProblem | undefined => {
  const { marker } = segment
  const wrong = (reason: string) => ImageProblem.Malformed({ mediaType, reason })
  if (marker === 0xd8) return wrong("a second image begins inside the first")
  if ((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe) {
    visitApplication(bytes, segment, progress)
    return undefined
  }
  keep(progress.pieces, segment.start, segment.end)
  if (isStartOfFrame(marker)) {
    if (progress.hasFrame) return wrong("two frame headers")
    if (segment.end - segment.body < 6) return wrong("the frame header is too short")
    progress.hasFrame = true
    progress.height = uint16be(bytes, segment.body + 1)
    progress.width = uint16be(bytes, segment.body + 3)
    return sizeProblem(mediaType, { ...progress, frames: 1 }, limits)
  }
  if (marker !== startOfScan) return undefined
  if (!progress.hasFrame) return wrong("pixels come before the frame header")
  progress.scans++
  return progress.scans > scansMax ? wrong(`more than ${scansMax} scans`) : undefined
}

/** What the application segments and comments are, by marker and the name that they begin with. */
const signatures: ReadonlyArray<readonly [marker: number, name: string, kind: MetadataKind]> = [
  [0xe1, "http://ns.adobe.com/xap/1.0/\0", "xmp"],
  [0xe1, "http://ns.adobe.com/xmp/extension/\0", "xmp"],
  [0xeb, "JP", "c2pa"],
  [0xed, "Photoshop 3.0\0", "iptc"],
  [0xfe, "", "comment"]
]

const visitApplication = (bytes: Uint8Array, segment: Segment, progress: Progress): void => {
  const { metadata, pieces } = progress
  const { body, end, marker, start } = segment
  const isNamed = (name: string) => body + name.length <= end && matches(bytes, body, name)
  if (marker === 0xe1 && isNamed(exifPrefix)) {
    // The first block counts, as for decoders; later ones are dropped with the rest.
    const exif = readExif(bytes.subarray(body + exifPrefix.length, end))
    noteExif(metadata, exif)
    if (!progress.hasExif) {
      progress.hasExif = true
      progress.orientation = exif.orientation
      if (exif.orientation !== 1) pieces.push(orientationSegment(exif.orientation))
    }
  } else if (marker === 0xe2 && isNamed("ICC_PROFILE\0")) {
    metadata.add("icc")
    keep(pieces, start, end)
  } else if (marker === 0xee && isNamed("Adobe")) {
    // Says whether four channels are CMYK or YCCK: without it colours turn inside out.
    keep(pieces, start, end)
  } else if (marker === 0xe0 && isNamed("JFIF\0") && end - body >= 14) {
    if (end - body > 14) {
      metadata.add("other")
      pieces.push(withoutThumbnail(bytes.subarray(start, body + 14)))
    } else {
      keep(pieces, start, end)
    }
  } else {
    const known = signatures.find(([knownMarker, name]) => knownMarker === marker && isNamed(name))
    metadata.add(known?.[2] ?? "other")
  }
}

/** A JFIF header may carry a small copy of the picture as it was before it was edited. */
const withoutThumbnail = (header: Uint8Array): Uint8Array =>
  concat([
    Uint8Array.of(0xff, 0xe0, 0, 16),
    header.subarray(header.length - 14, header.length - 2),
    Uint8Array.of(0, 0)
  ])

const orientationSegment = (orientation: number): Uint8Array => {
  const body = concat([bytesOf(exifPrefix), orientationExif(orientation)])
  return concat([Uint8Array.of(0xff, 0xe1, 0, body.length + 2), body])
}

const finish = (bytes: Uint8Array, segment: Segment, progress: Progress, limits: ImageLimits): Walked => {
  if (!progress.hasFrame || progress.scans === 0) return malformed(mediaType, "no picture data")
  if (segment.end < bytes.length) progress.metadata.add("trailer")
  keep(progress.pieces, segment.start, segment.end)
  const problem = sizeProblem(
    mediaType,
    { ...oriented(progress.width, progress.height, progress.orientation), frames: 1 },
    limits
  )
  if (problem !== undefined) return Either.left(problem)
  return Either.right({
    facts: makeFacts(mediaType, { ...progress, frames: 1, hasAlpha: false }),
    pieces: progress.pieces
  })
}
