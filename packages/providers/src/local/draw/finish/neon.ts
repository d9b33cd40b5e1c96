import { clamp, smoothstep } from "../Colour.ts"
import { soften } from "./Blur.ts"
import { type Finish, luminanceAt, pixelNoise, writeColour } from "./Finish.ts"

/** Bright parts burn and bleed light into the dark, which turns deeper and colder. */
export const neon: Finish = (scene) => {
  const { canvas } = scene
  const { width, height, unit, pixels } = canvas
  for (let offset = 0; offset < pixels.length; offset += 3) {
    const red = pixels[offset] ?? 0
    const green = pixels[offset + 1] ?? 0
    const blue = pixels[offset + 2] ?? 0
    const grey = luminanceAt(canvas, offset)
    const dim = 0.5 + 0.65 * smoothstep(0.02, 0.5, Math.max(red, green, blue))
    const vivid = (channel: number): number => Math.max(0, grey + (channel - grey) * 1.4) * dim
    pixels[offset] = vivid(red)
    pixels[offset + 1] = vivid(green)
    pixels[offset + 2] = vivid(blue)
  }
  const near = soften(canvas, Math.max(3, unit * 0.014))
  const far = soften(canvas, Math.max(6, unit * 0.075))
  const bytes = new Uint8Array(width * height * 3)
  const line = Math.max(2, Math.round(unit / 340))
  const fringe = Math.max(1, Math.round(unit * 0.0016)) * 3
  for (let y = 0, offset = 0; y < height; y++) {
    const scan = y % line === 0 ? 0.88 : 1
    const first = y * width * 3
    const last = first + (width - 1) * 3
    for (let x = 0; x < width; x++, offset += 3) {
      const noise = 1 + (pixelNoise(x, y, 9) - 0.5) * 0.06
      const glow = (close: number, wide: number) => Math.max(0, close - 0.05) * 0.55 + wide * 0.5
      // Red and blue are a little apart, as through a cheap lens.
      const red = (pixels[clamp(offset - fringe, first, last)] ?? 0) + glow(near.red(x, y), far.red(x, y))
      const green = (pixels[offset + 1] ?? 0) + glow(near.green(x, y), far.green(x, y))
      const blue =
        (pixels[clamp(offset + fringe, first, last) + 2] ?? 0) + glow(near.blue(x, y), far.blue(x, y)) + 0.006
      const light = scan * noise
      writeColour(
        bytes,
        offset,
        (red / (1 + red * 0.22)) * light,
        (green / (1 + green * 0.22)) * light,
        (blue / (1 + blue * 0.22)) * light
      )
    }
  }
  return bytes
}
