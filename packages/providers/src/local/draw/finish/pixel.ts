import type { Rgb } from "../Colour.ts"
import { type Finish, writeColour } from "./Finish.ts"
import { depthIn, stackOf } from "./InkStack.ts"

const ordered = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5] as const

/** Large square dots of few colours, mixed by a regular pattern, as on a screen of 1985. */
export const pixel: Finish = (scene) => {
  const { width, height, unit, pixels } = scene.canvas
  const size = Math.max(1, Math.round(unit / 128))
  const stack = stackOf(scene.palette.tones[5], scene.palette.tones.slice(0, 5))
  const depth = depthIn(stack)
  const bytes = new Uint8Array(width * height * 3)
  for (let top = 0, row = 0; top < height; top += size, row++) {
    for (let left = 0, column = 0; left < width; left += size, column++) {
      const [red, green, blue] = averageOf(pixels, width, height, left, top, size)
      const threshold = ((ordered[(row % 4) * 4 + (column % 4)] ?? 0) + 0.5) / 16 - 0.5
      const level = Math.round(depth(red, green, blue) + threshold * 0.7)
      const colour = stack[Math.min(stack.length - 1, Math.max(0, level))] ?? stack[0]
      for (let y = top; y < Math.min(height, top + size); y++) {
        for (let x = left; x < Math.min(width, left + size); x++)
          writeColour(bytes, (y * width + x) * 3, colour[0], colour[1], colour[2])
      }
    }
  }
  return bytes
}

const averageOf = (
  pixels: Float32Array,
  width: number,
  height: number,
  left: number,
  top: number,
  size: number
): Rgb => {
  let red = 0
  let green = 0
  let blue = 0
  let count = 0
  for (let y = top; y < Math.min(height, top + size); y++) {
    for (let x = left; x < Math.min(width, left + size); x++, count++) {
      const offset = (y * width + x) * 3
      red += pixels[offset] ?? 0
      green += pixels[offset + 1] ?? 0
      blue += pixels[offset + 2] ?? 0
    }
  }
  return [red / count, green / count, blue / count]
}
