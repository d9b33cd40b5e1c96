import { blendAt, type Canvas } from "./Canvas.ts"
import { clamp, type Rgb } from "./Colour.ts"

/** A closed outline: x, y, x, y … in pixels. */
export type Contour = ReadonlyArray<number>

/** One colour, or a colour for each pixel. */
export type Paint = Rgb | ((x: number, y: number) => Rgb)

export const circle = (centreX: number, centreY: number, radius: number): Contour =>
  ellipse(centreX, centreY, radius, radius, 0)

export const ellipse = (centreX: number, centreY: number, radiusX: number, radiusY: number, turn: number): Contour => {
  const count = Math.max(radiusX, radiusY) < 3 ? 64 : Math.max(16, Math.ceil(Math.sqrt(Math.max(radiusX, radiusY)) * 7))
  const cosine = Math.cos(turn)
  const sine = Math.sin(turn)
  const points: Array<number> = []
  for (let index = 0; index < count; index++) {
    const angle = (index / count) * Math.PI * 2
    const x = Math.cos(angle) * radiusX
    const y = Math.sin(angle) * radiusY
    points.push(centreX + x * cosine - y * sine, centreY + x * sine + y * cosine)
  }
  return points
}

export const rectangle = (left: number, top: number, width: number, height: number): Contour => [
  left,
  top,
  left + width,
  top,
  left + width,
  top + height,
  left,
  top + height
]

/** A slice of a disc from one angle to another, in radians, clockwise from the right. */
export const sector = (centreX: number, centreY: number, radius: number, from: number, to: number): Contour => {
  const count = Math.max(radius < 3 ? 40 : 8, Math.ceil(Math.sqrt(radius) * 7 * (Math.abs(to - from) / 6.3)))
  const points: Array<number> = [centreX, centreY]
  for (let index = 0; index <= count; index++) {
    const angle = from + ((to - from) * index) / count
    points.push(centreX + Math.cos(angle) * radius, centreY + Math.sin(angle) * radius)
  }
  return points
}

/** Adds a cubic curve to an outline that already ends at its first point. */
export const curveTo = (
  points: Array<number>,
  controlX1: number,
  controlY1: number,
  controlX2: number,
  controlY2: number,
  endX: number,
  endY: number,
  pieces = 12
): void => {
  const startX = points[points.length - 2] ?? endX
  const startY = points[points.length - 1] ?? endY
  for (let piece = 1; piece <= pieces; piece++) {
    const t = piece / pieces
    const rest = 1 - t
    const a = rest * rest * rest
    const b = 3 * rest * rest * t
    const c = 3 * rest * t * t
    const d = t * t * t
    points.push(
      a * startX + b * controlX1 + c * controlX2 + d * endX,
      a * startY + b * controlY1 + c * controlY2 + d * endY
    )
  }
}

/** Scales, turns (radians), then moves an outline. */
export const place = (
  outline: Contour,
  x: number,
  y: number,
  turn: number,
  scaleX: number,
  scaleY = scaleX
): Contour => {
  const cosine = Math.cos(turn)
  const sine = Math.sin(turn)
  const points: Array<number> = []
  for (let index = 0; index + 1 < outline.length; index += 2) {
    const across = (outline[index] ?? 0) * scaleX
    const down = (outline[index + 1] ?? 0) * scaleY
    points.push(x + across * cosine - down * sine, y + across * sine + down * cosine)
  }
  return points
}

interface Bounds {
  readonly left: number
  readonly top: number
  readonly columns: number
  readonly rows: number
}

const boundsOf = (canvas: Canvas, contours: ReadonlyArray<Contour>): Bounds => {
  let left = Infinity
  let right = -Infinity
  let top = Infinity
  let bottom = -Infinity
  for (const contour of contours) {
    for (let index = 0; index + 1 < contour.length; index += 2) {
      const x = contour[index] ?? 0
      const y = contour[index + 1] ?? 0
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      if (y > bottom) bottom = y
    }
  }
  const firstColumn = clamp(Math.floor(left), 0, canvas.width)
  const firstRow = clamp(Math.floor(top), 0, canvas.height)
  return {
    left: firstColumn,
    top: firstRow,
    columns: clamp(Math.ceil(right), 0, canvas.width) - firstColumn,
    rows: clamp(Math.ceil(bottom), 0, canvas.height) - firstRow
  }
}

// Shared between fills: a picture has thousands of small shapes, and a buffer for each would be all it did.
let scratch = new Float32Array(1 << 16)

const scratchOf = (length: number): Float32Array => {
  if (scratch.length < length) scratch = new Float32Array(length)
  else scratch.fill(0, 0, length)
  return scratch
}

const accumulate = (buffer: Float32Array, index: number, value: number): void => {
  buffer[index] = (buffer[index] ?? 0) + value
}

/**
 * Adds one edge to the buffer. Each cell gets the change of coverage that the edge makes there, so that a running sum
 * along the row is the exact share of each pixel inside the outline.
 */
const addEdge = (
  buffer: Float32Array,
  stride: number,
  columns: number,
  rows: number,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number
): void => {
  if (fromY === toY) return
  const direction = fromY < toY ? 1 : -1
  const topX = direction > 0 ? fromX : toX
  const topY = direction > 0 ? fromY : toY
  const bottomY = direction > 0 ? toY : fromY
  const slope = (toX - fromX) / (toY - fromY)
  const lastRow = Math.min(rows, Math.ceil(bottomY))
  for (let row = Math.max(0, Math.floor(topY)); row < lastRow; row++) {
    const enter = Math.max(row, topY)
    const leave = Math.min(row + 1, bottomY)
    const cover = (leave - enter) * direction
    const enterX = clamp(topX + (enter - topY) * slope, 0, columns)
    const leaveX = clamp(topX + (leave - topY) * slope, 0, columns)
    const low = Math.min(enterX, leaveX)
    const high = Math.max(enterX, leaveX)
    const start = row * stride
    const firstCell = Math.floor(low)
    const lastCell = Math.ceil(high)
    if (lastCell <= firstCell + 1) {
      const share = (low + high) / 2 - firstCell
      accumulate(buffer, start + firstCell, cover * (1 - share))
      accumulate(buffer, start + firstCell + 1, cover * share)
      continue
    }
    // The edge crosses several cells of this row.
    let before = 0
    let areaSoFar = areaUnder(firstCell, low, high)
    for (let cell = firstCell; cell <= lastCell; cell++) {
      const areaNext = areaUnder(cell + 1, low, high)
      accumulate(buffer, start + cell, cover * (areaNext - areaSoFar - before))
      before = areaNext - areaSoFar
      areaSoFar = areaNext
    }
  }
}

/** The area to the left of `position` under a line that rises from 0 at `low` to 1 at `high` and stays there. */
const areaUnder = (position: number, low: number, high: number): number => {
  const rising = clamp(position, low, high) - low
  return (rising * rising) / (2 * (high - low)) + Math.max(0, position - high)
}

/**
 * Fills outlines with smooth edges. Overlaps of outlines that turn the same way stay filled; one that turns the other
 * way cuts a hole. Cost grows with the box around the outlines.
 */
export const fill = (canvas: Canvas, contours: ReadonlyArray<Contour>, paint: Paint, opacity = 1): void => {
  const { left, top, columns, rows } = boundsOf(canvas, contours)
  if (columns <= 0 || rows <= 0) return
  const stride = columns + 2
  const buffer = scratchOf(stride * rows)
  for (const contour of contours) {
    let fromX = (contour[contour.length - 2] ?? 0) - left
    let fromY = (contour[contour.length - 1] ?? 0) - top
    for (let index = 0; index + 1 < contour.length; index += 2) {
      const toX = (contour[index] ?? 0) - left
      const toY = (contour[index + 1] ?? 0) - top
      addEdge(buffer, stride, columns, rows, fromX, fromY, toX, toY)
      fromX = toX
      fromY = toY
    }
  }
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let column = 0; column < columns; column++) {
      sum += buffer[row * stride + column] ?? 0
      const coverage = sum < 0 ? -sum : sum
      if (coverage < 0.004) continue
      const colour = typeof paint === "function" ? paint(left + column, top + row) : paint
      const offset = ((top + row) * canvas.width + left + column) * 3
      blendAt(canvas, offset, colour, (coverage > 1 ? 1 : coverage) * opacity)
    }
  }
}
