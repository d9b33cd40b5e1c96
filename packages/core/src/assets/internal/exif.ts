import { bytesOf, equal, latin1, uint16be, uint16le, uint32be, uint32le } from "./bytes.ts"
import type { MetadataKind } from "./layout.ts"

const orientationTag = 0x0112
const locationTag = 0x8825
const shortType = 3
/** A camera writes some 60 entries; more than this is not EXIF, and a walk must end. */
const entriesMax = 1000
/** A TIFF block whose one directory has no entries. */
const emptyLength = 14

/** Six bytes that stand before the TIFF block in JPEG, and in the WebP files of some writers. */
export const exifPrefix = "Exif\0\0"

export interface Exif {
  readonly orientation: number
  readonly hasLocation: boolean
  readonly isEmpty: boolean
  /** True for exactly the block that `orientationExif` writes. */
  readonly isOrientationOnly: boolean
}

/** A TIFF block, big-endian, whose only entry is the orientation: all that a strip keeps of EXIF. 26 bytes. */
export const orientationExif = (orientation: number): Uint8Array =>
  bytesOf(`MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0${String.fromCharCode(orientation)}\0\0\0\0\0\0`)

/** Reads a TIFF block leniently: what cannot be read is orientation 1, as viewers do. */
export const readExif = (block: Uint8Array): Exif => {
  const start = latin1(block, 0, exifPrefix.length) === exifPrefix ? exifPrefix.length : 0
  const tiff = block.subarray(start)
  const order = latin1(tiff, 0, 2)
  const uint16 = order === "II" ? uint16le : uint16be
  const uint32 = order === "II" ? uint32le : uint32be
  const isTiff = (order === "II" || order === "MM") && uint16(tiff, 2) === 42
  const directory = uint32(tiff, 4)
  const entries = isTiff ? Math.min(uint16(tiff, directory), entriesMax) : 0
  let orientation = 1
  let hasLocation = false
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * 12
    if (entry + 12 > tiff.length) break
    const tag = uint16(tiff, entry)
    if (tag === locationTag) hasLocation = true
    if (tag !== orientationTag || uint16(tiff, entry + 2) !== shortType) continue
    const value = uint16(tiff, entry + 8)
    if (value >= 1 && value <= 8) orientation = value
  }
  return {
    orientation,
    hasLocation,
    isEmpty: entries === 0 && tiff.subarray(isTiff ? emptyLength : 0).every((byte) => byte === 0),
    isOrientationOnly: orientation > 1 && equal(tiff, orientationExif(orientation))
  }
}

/** Notes what an EXIF block holds. */
export const noteExif = (metadata: Set<MetadataKind>, exif: Exif): void => {
  if (exif.isOrientationOnly) {
    metadata.add("orientation")
    return
  }
  if (exif.isEmpty) return
  metadata.add("exif")
  if (exif.hasLocation) metadata.add("location")
}
