import type { Canvas } from "../Canvas.ts"
import { type Field, sampleField } from "../Noise.ts"

/** One value per block of the picture, read smoothly between them. */
export interface Softened {
  readonly red: Field
  readonly green: Field
  readonly blue: Field
}

const boxBlur = (values: Float32Array, columns: number, rows: number, radius: number): Float32Array => {
  const pass = (source: Float32Array, length: number, count: number, along: number, across: number): Float32Array => {
    const result = new Float32Array(source.length)
    for (let line = 0; line < count; line++) {
      const start = line * across
      let sum = 0
      for (let index = -radius; index <= radius; index++)
        sum += source[start + Math.min(length - 1, Math.max(0, index)) * along] ?? 0
      for (let index = 0; index < length; index++) {
        result[start + index * along] = sum / (radius * 2 + 1)
        sum += source[start + Math.min(length - 1, index + radius + 1) * along] ?? 0
        sum -= source[start + Math.max(0, index - radius) * along] ?? 0
      }
    }
    return result
  }
  let result = values
  for (let round = 0; round < 2; round++) {
    result = pass(pass(result, columns, rows, 1, columns), rows, columns, columns, 1)
  }
  return result
}

/** The picture out of focus: `radius` in pixels. Works on blocks, so its cost hardly grows with the radius. */
export const soften = (canvas: Canvas, radius: number): Softened => {
  const { width, height, pixels } = canvas
  const block = Math.max(1, Math.round(radius / 4))
  const columns = Math.ceil(width / block)
  const rows = Math.ceil(height / block)
  const reach = Math.max(1, Math.round(radius / block / 2))
  const channel = (which: number): Field => {
    const sums = new Float32Array(columns * rows)
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0
        let count = 0
        for (let y = row * block; y < Math.min(height, (row + 1) * block); y++) {
          for (let x = column * block; x < Math.min(width, (column + 1) * block); x++, count++)
            sum += pixels[(y * width + x) * 3 + which] ?? 0
        }
        sums[row * columns + column] = sum / Math.max(1, count)
      }
    }
    const blurred = boxBlur(sums, columns, rows, reach)
    return sampleField(width, height, block, (x, y) => {
      const column = Math.min(columns - 1, Math.round(x / block))
      const row = Math.min(rows - 1, Math.round(y / block))
      return blurred[row * columns + column] ?? 0
    })
  }
  return { red: channel(0), green: channel(1), blue: channel(2) }
}
