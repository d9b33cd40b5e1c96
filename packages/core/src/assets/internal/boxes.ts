import { Either } from "effect"
import { latin1, uint32be, uint64be } from "./bytes.ts"
import { ImageProblem } from "./layout.ts"

const mediaType = "image/avif"
const boxesMax = 1000

/** A box of the ISO base media format. `body` is where its content begins; version and flags are content here. */
export interface Box {
  readonly type: string
  readonly start: number
  readonly body: number
  readonly end: number
}

/**
 * The boxes side by side in `[start, end)`. Depth is bounded by the callers, which name each level that they enter.
 * A box that runs past the end is a cut file at the top and nonsense inside another box.
 */
export const readBoxes = (
  bytes: Uint8Array,
  start: number,
  end: number
): Either.Either<ReadonlyArray<Box>, ImageProblem> => {
  const boxes: Array<Box> = []
  let offset = start
  while (offset < end) {
    const box = readBox(bytes, offset, end)
    if (box === undefined) {
      return Either.left(
        end === bytes.length
          ? ImageProblem.Truncated({ mediaType })
          : ImageProblem.Malformed({ mediaType, reason: "a box is larger than the box around it" })
      )
    }
    boxes.push(box)
    if (boxes.length > boxesMax) {
      return Either.left(ImageProblem.Malformed({ mediaType, reason: `more than ${boxesMax} boxes side by side` }))
    }
    offset = box.end
  }
  return Either.right(boxes)
}

const readBox = (bytes: Uint8Array, start: number, end: number): Box | undefined => {
  if (start + 8 > end) return undefined
  const size = uint32be(bytes, start)
  const isLong = size === 1
  const body = start + (isLong ? 16 : 8)
  const boxEnd = isLong ? start + uint64be(bytes, start + 8) : size === 0 ? end : start + size
  if (body > boxEnd || boxEnd > end) return undefined
  return { type: latin1(bytes, start + 4, 4), start, body, end: boxEnd }
}

export const findBox = (boxes: ReadonlyArray<Box>, type: string): Box | undefined =>
  boxes.find((box) => box.type === type)

/** The boxes inside the first box of a type; none when there is no such box. */
export const boxesIn = (bytes: Uint8Array, boxes: ReadonlyArray<Box>, type: string) => {
  const box = findBox(boxes, type)
  return box === undefined ? Either.right([]) : readBoxes(bytes, box.body, box.end)
}
