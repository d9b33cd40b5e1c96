import { Either } from "effect"
import { av1SequenceSize } from "./av1.ts"
import { type Extent, type Item, type Items, readItems } from "./avifItems.ts"
import { type Box, boxesIn, findBox, readBoxes } from "./boxes.ts"
import { bytesOf, concat, latin1, uint8, uint32be } from "./bytes.ts"
import { noteExif, readExif } from "./exif.ts"
import {
  assemble,
  type ImageLimits,
  ImageProblem,
  type MetadataKind,
  makeFacts,
  malformed,
  type Piece,
  sizeProblem,
  type Walked
} from "./layout.ts"

const mediaType = "image/avif"

/** Boxes at the top that drawing needs; all others are blanked, and become `free` boxes of the same length. */
const drawing = ["ftyp", "meta", "moov", "mdat"]
const contentProvenance = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"
const xmpKind = "mime application/rdf+xml"
/** A TIFF block without entries, behind the four bytes that say where it starts: an Exif item that says nothing. */
const emptyExif = bytesOf("\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")

/** Bytes that a strip writes over the file, in place: offsets inside an AVIF must not move. */
interface Overwrite {
  readonly start: number
  readonly bytes: Uint8Array
}

interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Walks the boxes of an AVIF. Dimensions come from the properties of the primary item and are compared with the AV1
 * stream, since a decoder trusts the latter.
 */
export const walkAvif = (bytes: Uint8Array, limits: ImageLimits): Walked =>
  Either.gen(function* () {
    const top = yield* readBoxes(bytes, 0, bytes.length)
    const meta = findBox(top, "meta")
    if (meta === undefined) return yield* malformed(mediaType, "no meta box")
    const items = yield* readItems(bytes, meta)
    const size = yield* readSize(bytes, items, limits)
    const frames = yield* countFrames(bytes, top)
    const problem = sizeProblem(mediaType, { ...size, frames }, limits)
    if (problem !== undefined) return yield* Either.left(problem)
    const metadata = new Set<MetadataKind>()
    if (items.primary.properties.some((property) => property.type === "colr" && isProfile(bytes, property))) {
      metadata.add("icc")
    }
    const overwrites = [...blankBoxes(bytes, top, metadata), ...(yield* blankItems(bytes, top, items, metadata))]
    return {
      facts: makeFacts(mediaType, { ...size, frames, hasAlpha: hasAlpha(bytes, items), orientation: 1, metadata }),
      pieces: around(bytes.length, overwrites)
    }
  })

const propertyOf = (item: Item, type: string): Box | undefined => findBox(item.properties, type)

const statedSize = (bytes: Uint8Array, item: Item): Size | undefined => {
  const ispe = propertyOf(item, "ispe")
  return ispe === undefined
    ? undefined
    : { width: uint32be(bytes, ispe.body + 4), height: uint32be(bytes, ispe.body + 8) }
}

/** The size as displayed, after every item's stated and coded size has been held against the limits. */
const readSize = (bytes: Uint8Array, items: Items, limits: ImageLimits): Either.Either<Size, ImageProblem> => {
  for (const item of items.all) {
    const stated = statedSize(bytes, item)
    const first = item.extents[0]
    const coded =
      item.kind === "av01" && first !== undefined ? av1SequenceSize(bytes, first.start, first.end) : undefined
    for (const size of [stated, coded]) {
      const problem = size && sizeProblem(mediaType, { ...size, frames: 1 }, limits)
      if (problem !== undefined) return Either.left(problem)
    }
    if (item.kind !== "av01" || item.id !== items.primary.id) continue
    if (coded === undefined) return malformed(mediaType, "no picture data")
    if (stated?.width !== coded.width || stated.height !== coded.height) {
      return malformed(mediaType, "the picture is not of the size that the header states")
    }
  }
  const stated = statedSize(bytes, items.primary)
  if (stated === undefined) return malformed(mediaType, "the primary picture states no size")
  const { height, width } = cropped(bytes, items.primary, stated)
  const rotation = propertyOf(items.primary, "irot")
  const isSideways = rotation !== undefined && (uint8(bytes, rotation.body) & 1) === 1
  return Either.right(isSideways ? { width: height, height: width } : { width, height })
}

/** Applies a clean aperture, which is two fractions. */
const cropped = (bytes: Uint8Array, item: Item, size: Size): Size => {
  const clap = propertyOf(item, "clap")
  if (clap === undefined) return size
  const side = (offset: number, full: number) => {
    const length = Math.round(uint32be(bytes, clap.body + offset) / uint32be(bytes, clap.body + offset + 4))
    return length >= 1 && length <= full ? length : full
  }
  return { width: side(0, size.width), height: side(8, size.height) }
}

const isProfile = (bytes: Uint8Array, property: Box): boolean =>
  ["prof", "rICC"].includes(latin1(bytes, property.body, 4))

const hasAlpha = (bytes: Uint8Array, items: Items): boolean =>
  items.all.some((item) => {
    const auxiliary = propertyOf(item, "auxC")
    return auxiliary !== undefined && /:alpha\0|:auxid:1\0/.test(latin1(bytes, auxiliary.body + 4, 64))
  })

/** Pictures of an image sequence: the longest sample table among its tracks. A still has no `moov` and is one. */
const countFrames = (bytes: Uint8Array, top: ReadonlyArray<Box>): Either.Either<number, ImageProblem> =>
  Either.gen(function* () {
    let frames = 1
    for (const track of (yield* boxesIn(bytes, top, "moov")).filter(({ type }) => type === "trak")) {
      const mdia = yield* boxesIn(bytes, yield* readBoxes(bytes, track.body, track.end), "mdia")
      const stbl = yield* boxesIn(bytes, yield* boxesIn(bytes, mdia, "minf"), "stbl")
      const sizes = findBox(stbl, "stsz")
      if (sizes !== undefined) frames = Math.max(frames, uint32be(bytes, sizes.body + 8))
    }
    return frames
  })

const blankBoxes = (bytes: Uint8Array, top: ReadonlyArray<Box>, metadata: Set<MetadataKind>): Array<Overwrite> => {
  const isBlank = (box: Box) => box.type === "free" && bytes.subarray(box.body, box.end).every((byte) => byte === 0)
  const unwanted = top.filter((box) => !drawing.includes(box.type) && !isBlank(box))
  for (const box of unwanted) {
    metadata.add(box.type === "uuid" && latin1(bytes, box.body, 16) === contentProvenance ? "c2pa" : "other")
  }
  return unwanted.flatMap((box) => [
    { start: box.start + 4, bytes: bytesOf("free") },
    { start: box.body, bytes: new Uint8Array(box.end - box.body) }
  ])
}

const isMetadata = (item: Item): boolean => item.kind === "Exif" || item.kind === xmpKind

const overlaps = (a: Extent, b: Extent): boolean => a.start < b.end && b.start < a.end

/**
 * Blanks the bytes of Exif and XMP items. They must lie in data boxes and share no byte with a picture or each other:
 * blanking would else damage what it must not, and overlaps let a small file ask for gigabytes of copies.
 */
const blankItems = (
  bytes: Uint8Array,
  top: ReadonlyArray<Box>,
  items: Items,
  metadata: Set<MetadataKind>
): Either.Either<ReadonlyArray<Overwrite>, ImageProblem> => {
  const pictures = items.all.filter((item) => !isMetadata(item)).flatMap((item) => item.extents)
  const rooms = top.filter(({ type }) => type === "mdat").concat(items.dataBox ?? [])
  const isInRoom = (extent: Extent) => rooms.some(({ body, end }) => extent.start >= body && extent.end <= end)
  if (!pictures.every(isInRoom)) return malformed(mediaType, "a picture lies outside the data boxes")
  const texts = items.all.filter(isMetadata)
  const extents = texts.flatMap((item) => item.extents).sort((a, b) => a.start - b.start)
  const isAlone = (extent: Extent, index: number) =>
    isInRoom(extent) &&
    extent.start >= (extents[index - 1]?.end ?? 0) &&
    !pictures.some((picture) => overlaps(picture, extent))
  if (!extents.every(isAlone)) return malformed(mediaType, "metadata shares bytes with something else")
  return Either.right(
    texts.flatMap((item) => {
      const payload = assemble(bytes, item.extents)
      if (item.kind === "Exif") noteExif(metadata, readExif(payload.subarray(4 + uint32be(payload, 0))))
      else if (!payload.every((byte) => byte === 0x20)) metadata.add("xmp")
      return item.extents.map((extent) => ({ start: extent.start, bytes: blank(item, extent) }))
    })
  )
}

const blank = (item: Item, { end, start }: Extent): Uint8Array => {
  const length = end - start
  if (item.kind !== "Exif") return new Uint8Array(length).fill(0x20)
  return length < emptyExif.length
    ? new Uint8Array(length)
    : concat([emptyExif, new Uint8Array(length - emptyExif.length)])
}

/** The file with the overwritten stretches replaced. Where two meet, the first wins. */
const around = (length: number, overwrites: ReadonlyArray<Overwrite>): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  let offset = 0
  for (const overwrite of [...overwrites].sort((a, b) => a.start - b.start)) {
    if (overwrite.start < offset) continue
    if (overwrite.start > offset) pieces.push({ start: offset, end: overwrite.start })
    pieces.push(overwrite.bytes)
    offset = overwrite.start + overwrite.bytes.length
  }
  if (offset < length) pieces.push({ start: offset, end: length })
  return pieces
}
