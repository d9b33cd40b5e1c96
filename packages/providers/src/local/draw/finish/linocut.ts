import { clamp, lightness, mix, type Rgb, smoothstep, toSrgb } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import { soften } from "./Blur.ts"
import { type Finish, insideMargin, luminanceAt, pixelNoise, writeColour } from "./Finish.ts"

/** One dark ink from a carved block over a second, lighter one: tones are lines that follow the forms. */
export const linocut: Finish = (scene) => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const [shade, deep, middle, accent, , glow] = scene.palette.tones
  const paper = mix(glow, [0.9, 0.85, 0.74], 0.5)
  const key = mix(shade, [0.01, 0.01, 0.015], 0.35)
  const second = secondInk([accent, middle, deep])
  const random = scene.random.fork("block")
  const noise = createNoise(random)
  const soft = soften(canvas, Math.max(4, unit * 0.02))
  const wobble = sampleField(width, height, Math.max(1, Math.round(unit / 300)), (x, y) =>
    fractal(noise, (x / unit) * 5, (y / unit) * 5, 3)
  )
  const margin = Math.round(unit * 0.04)
  const period = Math.max(3.2, unit / 118)
  const turn = random.between(-0.25, 0.25)
  const cosine = Math.cos(turn)
  const sine = Math.sin(turn)
  const levels = equalize(canvas.pixels)
  const bytes = new Uint8Array(width * height * 3)
  for (let y = 0, offset = 0; y < height; y++) {
    for (let x = 0; x < width; x++, offset += 3) {
      const tone = levels(luminanceAt(canvas, offset))
      const around = levels(clamp(0.2126 * soft.red(x, y) + 0.7152 * soft.green(x, y) + 0.0722 * soft.blue(x, y)))
      const bend = wobble(x, y)
      // The blurred tone bends the lines: they bow around whatever is lighter or darker, as a carver's do.
      const phase = ((x * sine + y * cosine) / period + around * 9 + bend * 1.6) * Math.PI * 2
      const groove = Math.cos(phase) * 0.5 + 0.5
      const detail = tone * 0.8 + around * 0.2 + bend * 0.03
      const white = clamp((detail - 0.1) / 0.84)
      const carved = smoothstep(-0.09, 0.09, white * 1.12 - 0.06 - groove)
      const edge = clamp(insideMargin(canvas, margin, x, y) + bend * unit * 0.006)
      const chip = pixelNoise((x / 2) | 0, (y / 2) | 0, 3) > 0.985 ? 0.35 : 1
      const tooth = 1 - 0.03 * pixelNoise(x, y, 5)
      const under = edge * smoothstep(0.9, 0.68, around + bend * 0.08) * 0.92
      const ink = (1 - carved) * edge * chip * (0.95 + 0.05 * bend)
      const channel = (index: 0 | 1 | 2): number => {
        const ground = (paper[index] + (second[index] - paper[index]) * under) * tooth
        return ground + (key[index] - ground) * ink
      }
      writeColour(bytes, offset, channel(0), channel(1), channel(2))
    }
  }
  return bytes
}

const secondInk = (candidates: readonly [Rgb, ...ReadonlyArray<Rgb>]): Rgb => {
  const [best] = [...candidates].sort(
    (one, other) => Math.abs(lightness(one) - 0.68) - Math.abs(lightness(other) - 0.68)
  )
  return best ?? candidates[0]
}

/** Half of equal shares: a dim or a pale picture still uses the whole way from ink to paper. */
const equalize = (pixels: Float32Array): ((luminance: number) => number) => {
  const counts = new Float64Array(256)
  for (let offset = 0; offset < pixels.length; offset += 3 * 7) {
    const bin = Math.round(
      toSrgb(0.2126 * (pixels[offset] ?? 0) + 0.7152 * (pixels[offset + 1] ?? 0) + 0.0722 * (pixels[offset + 2] ?? 0))
    )
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  let running = 0
  const shares = counts.map((count, bin) => {
    running += count
    return 0.5 * (running / total) + 0.5 * (bin / 255)
  })
  return (luminance) => shares[Math.round(toSrgb(luminance))] ?? 0
}
