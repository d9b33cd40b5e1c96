import { clamp, smoothstep, toSrgb } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import { type Finish, insideMargin, pixelNoise, toByte } from "./Finish.ts"

/** A faded print from a drawer: lifted blacks, yellowed whites, a leak of light, a pale border, dust. */
export const vintage: Finish = (scene) => {
  const { canvas } = scene
  const { width, height, unit, pixels } = canvas
  const random = scene.random.fork("drawer")
  const noise = createNoise(random)
  const stains = sampleField(width, height, Math.max(1, Math.round(unit / 128)), (x, y) =>
    fractal(noise, (x / unit) * 2.2, (y / unit) * 2.2, 4)
  )
  const leakX = random.chance(0.5) ? 0 : width
  const leakY = height * random.between(0.1, 0.7)
  const margin = unit * 0.04
  const corner = unit * 0.012
  const bytes = new Uint8Array(width * height * 3)
  const reach = 1 / (width * width + height * height)
  for (let y = 0, offset = 0; y < height; y++) {
    for (let x = 0; x < width; x++, offset += 3) {
      const stain = stains(x, y)
      const across = 2 * x - width
      const down = 2 * y - height
      const light = 1 - 0.42 * (across * across + down * down) * reach
      const leak = Math.exp(-Math.hypot(x - leakX, (y - leakY) * 0.7) / (unit * 0.24)) * 0.5
      const inside = smoothstep(-corner * 0.2, corner * 0.2, insideMargin(canvas, margin, x, y))
      const grain = (pixelNoise(x, y, 1) + pixelNoise(x, y, 2) - 1) * 17
      const dust = pixelNoise((x / 2) | 0, (y / 2) | 0, 6) > 0.9994 ? 60 : 0
      const red = toSrgb((pixels[offset] ?? 0) * light)
      const green = toSrgb((pixels[offset + 1] ?? 0) * light)
      const blue = toSrgb((pixels[offset + 2] ?? 0) * light)
      const grey = red * 0.3 + green * 0.59 + blue * 0.11
      const faded = (value: number, black: number, white: number): number => {
        const calm = grey + (value - grey) * 0.78
        const curve = calm / 255
        return black + (white - black) * clamp(curve * curve * (3 - 2 * curve) * 0.35 + curve * 0.65)
      }
      const paper = 1 + stain * 0.03 - 0.02 * pixelNoise(x, y, 3)
      const put = (index: number, value: number, white: number): void => {
        bytes[offset + index] = toByte(white * paper + (value + grain + dust + stain * 5 - white * paper) * inside)
      }
      put(0, faded(red, 38, 250) + leak * 120, 240)
      put(1, faded(green, 30, 236) + leak * 48, 230)
      put(2, faded(blue, 44, 200) + leak * 8, 208)
    }
  }
  return bytes
}
