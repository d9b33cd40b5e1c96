import { Either } from "effect"
import { type Box, boxesIn, findBox, readBoxes } from "./boxes.ts"
import { latin1, uint8, uint16be, uint32be, uint64be } from "./bytes.ts"
import { ImageProblem } from "./layout.ts"

const mediaType = "image/avif"
const itemsMax = 4096
/** Over all items: an extent may take no bytes at all in the table, so the table's length does not bound them. */
const extentsMax = 8192

export interface Extent {
  readonly start: number
  readonly end: number
}

/** An item of a meta box: a picture, a tile, an alpha plane or a block of metadata. */
export interface Item {
  readonly id: number
  /** Four characters, `mime` items with their content type behind: `mime application/rdf+xml`. */
  readonly kind: string
  readonly extents: ReadonlyArray<Extent>
  readonly properties: ReadonlyArray<Box>
}

export interface Items {
  readonly primary: Item
  readonly all: ReadonlyArray<Item>
  /** The `idat` box of the meta box, where small items may lie. */
  readonly dataBox: Box | undefined
}

type Read<A> = Either.Either<A, ImageProblem>

const wrong = (reason: string): Either.Either<never, ImageProblem> =>
  Either.left(ImageProblem.Malformed({ mediaType, reason }))

/** Reads the items of a meta box with where their bytes lie and what describes them. */
export const readItems = (bytes: Uint8Array, meta: Box): Read<Items> =>
  Either.gen(function* () {
    const boxes = yield* readBoxes(bytes, meta.body + 4, meta.end)
    const kinds = yield* readKinds(bytes, boxes)
    const locations = yield* readLocations(bytes, boxes)
    const properties = yield* readProperties(bytes, boxes)
    const all = [...kinds].map(
      ([id, kind]): Item => ({ id, kind, extents: locations.get(id) ?? [], properties: properties.get(id) ?? [] })
    )
    const pitm = findBox(boxes, "pitm")
    if (pitm === undefined) return yield* wrong("no primary picture is named")
    const primaryId = uint8(bytes, pitm.body) === 0 ? uint16be(bytes, pitm.body + 4) : uint32be(bytes, pitm.body + 4)
    const primary = all.find(({ id }) => id === primaryId)
    return primary === undefined
      ? yield* wrong("the primary picture does not exist")
      : { primary, all, dataBox: findBox(boxes, "idat") }
  })

const readKinds = (bytes: Uint8Array, boxes: ReadonlyArray<Box>): Read<ReadonlyMap<number, string>> =>
  Either.gen(function* () {
    const kinds = new Map<number, string>()
    const iinf = findBox(boxes, "iinf")
    if (iinf === undefined) return kinds
    const entries = yield* readBoxes(bytes, iinf.body + (uint8(bytes, iinf.body) === 0 ? 6 : 8), iinf.end)
    for (const entry of entries) {
      const version = uint8(bytes, entry.body)
      if (entry.type !== "infe" || version < 2) continue
      const id = version === 2 ? uint16be(bytes, entry.body + 4) : uint32be(bytes, entry.body + 4)
      const typeAt = entry.body + (version === 2 ? 8 : 10)
      const type = latin1(bytes, typeAt, 4)
      kinds.set(id, type === "mime" ? `mime ${contentType(bytes, typeAt + 4, entry.end)}` : type)
    }
    return kinds
  })

/** The second of the zero-ended strings after an item's type: its name comes first. */
const contentType = (bytes: Uint8Array, start: number, end: number): string =>
  latin1(bytes, start, Math.min(end - start, 512)).split("\0")[1] ?? ""

const readLocations = (
  bytes: Uint8Array,
  boxes: ReadonlyArray<Box>
): Read<ReadonlyMap<number, ReadonlyArray<Extent>>> => {
  const locations = new Map<number, ReadonlyArray<Extent>>()
  const iloc = findBox(boxes, "iloc")
  if (iloc === undefined) return Either.right(locations)
  const version = uint8(bytes, iloc.body)
  const sizes = uint16be(bytes, iloc.body + 4)
  const [offsetSize, lengthSize, baseSize] = [sizes >>> 12, (sizes >>> 8) & 15, (sizes >>> 4) & 15]
  const indexSize = version === 0 ? 0 : sizes & 15
  if (![offsetSize, lengthSize, baseSize, indexSize].every((size) => size === 0 || size === 4 || size === 8)) {
    return wrong("item locations have fields of an impossible size")
  }
  let at = iloc.body + 6
  const next = (size: number): number => {
    at += size
    return size === 0
      ? 0
      : size === 2
        ? uint16be(bytes, at - 2)
        : size === 4
          ? uint32be(bytes, at - 4)
          : uint64be(bytes, at - 8)
  }
  const idSize = version < 2 ? 2 : 4
  const count = next(idSize)
  if (count > itemsMax) return wrong(`more than ${itemsMax} items`)
  const dataBox = findBox(boxes, "idat")
  let total = 0
  for (let index = 0; index < count; index++) {
    const id = next(idSize)
    const method = version === 0 ? 0 : next(2) & 15
    next(2)
    const base = next(baseSize)
    const extentCount = next(2)
    total += extentCount
    if (total > extentsMax) return wrong(`more than ${extentsMax} extents`)
    // Method 0 counts from the start of the file, 1 from the start of `idat`; 2, pieces of other items, no AVIF uses.
    const origin = method === 0 ? 0 : method === 1 && dataBox !== undefined ? dataBox.body : undefined
    const room = method === 0 ? bytes.length : (dataBox?.end ?? 0)
    if (origin === undefined) return wrong("an item is built in a way that AVIF does not know")
    const extents: Array<Extent> = []
    for (let extent = 0; extent < extentCount; extent++) {
      if (at > iloc.end) return wrong("the item locations are cut short")
      next(indexSize)
      const start = origin + base + next(offsetSize)
      const length = next(lengthSize)
      const end = length === 0 ? room : start + length
      if (start > room || end > room) {
        return method === 0 ? Either.left(ImageProblem.Truncated({ mediaType })) : wrong("an item lies outside its box")
      }
      extents.push({ start, end })
    }
    locations.set(id, extents)
  }
  return at > iloc.end ? wrong("the item locations are cut short") : Either.right(locations)
}

/** Which properties describe which item, by the association table. */
const readProperties = (bytes: Uint8Array, boxes: ReadonlyArray<Box>): Read<ReadonlyMap<number, ReadonlyArray<Box>>> =>
  Either.gen(function* () {
    const properties = new Map<number, ReadonlyArray<Box>>()
    const iprp = yield* boxesIn(bytes, boxes, "iprp")
    const list = yield* boxesIn(bytes, iprp, "ipco")
    const ipma = findBox(iprp, "ipma")
    if (ipma === undefined) return properties
    const isLongId = uint8(bytes, ipma.body) >= 1
    const isLongIndex = (uint8(bytes, ipma.body + 3) & 1) === 1
    const count = uint32be(bytes, ipma.body + 4)
    if (count > itemsMax) return yield* wrong(`more than ${itemsMax} items`)
    let at = ipma.body + 8
    for (let entry = 0; entry < count && at < ipma.end; entry++) {
      const id = isLongId ? uint32be(bytes, at) : uint16be(bytes, at)
      at += isLongId ? 4 : 2
      const associations = uint8(bytes, at++)
      const found: Array<Box> = []
      for (let association = 0; association < associations; association++) {
        const index = isLongIndex ? uint16be(bytes, at) & 0x7fff : uint8(bytes, at) & 0x7f
        at += isLongIndex ? 2 : 1
        const property = list[index - 1]
        if (property !== undefined) found.push(property)
      }
      properties.set(id, found)
    }
    return properties
  })
