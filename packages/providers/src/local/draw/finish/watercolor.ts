import { clamp, mix, smoothstep } from "../Colour.ts"
import { createNoise, fractal, sampleField, tabulate } from "../Noise.ts"
import { soften } from "./Blur.ts"
import { type Finish, insideMargin, pixelNoise, writeColour } from "./Finish.ts"

// A power near one, close enough for paint and a fifth of its cost: x^(1 + d) by the first terms of its series in d.
const thin = (light: number, density: number): number => {
  const exponent = (density - 1) * logarithm(light)
  return light * (1 + exponent + exponent * exponent * 0.5)
}

const logarithm = tabulate(1, (light) => Math.log(Math.max(light, 0.004)), 4096)

/** Washes that run into each other, darker where they dried, on rough paper that stays white at the border. */
export const watercolor: Finish = (scene) => {
  const { canvas } = scene
  const { width, height, unit, pixels } = canvas
  const random = scene.random.fork("washes")
  const noise = createNoise(random)
  const paper = mix(scene.palette.tones[5], [0.95, 0.93, 0.88], 0.75)
  const step = Math.max(1, Math.round(unit / 300))
  const bleedX = sampleField(width, height, step, (x, y) => fractal(noise, (x / unit) * 7, (y / unit) * 7, 4))
  const bleedY = sampleField(width, height, step, (x, y) => fractal(noise, (x / unit) * 7 + 50, (y / unit) * 7, 4))
  const pools = sampleField(width, height, step, (x, y) => fractal(noise, (x / unit) * 2.4 - 30, (y / unit) * 2.4, 5))
  const tooth = sampleField(width, height, Math.max(1, Math.round(unit / 450)), (x, y) =>
    noise((x / unit) * 150, (y / unit) * 150)
  )
  const near = soften(canvas, Math.max(2, unit * 0.006))
  const far = soften(canvas, Math.max(4, unit * 0.03))
  const margin = unit * 0.055
  const run = unit * 0.011
  const bytes = new Uint8Array(width * height * 3)
  for (let y = 0, offset = 0; y < height; y++) {
    for (let x = 0; x < width; x++, offset += 3) {
      const pool = pools(x, y)
      const fromX = clamp(x + bleedX(x, y) * run, 0, width - 1)
      const fromY = clamp(y + bleedY(x, y) * run, 0, height - 1)
      const source = (Math.round(fromY) * width + Math.round(fromX)) * 3
      const wet = smoothstep(-0.2, 0.5, pool) * 0.5 + 0.2
      const border = insideMargin(canvas, margin, x, y) + (pool * 0.75 + bleedX(x, y) * 0.5) * unit * 0.045
      const covered = smoothstep(0, unit * 0.006, border)
      // Pigment gathers along the edge of a wash: where the picture is darker than what lies around it.
      const brim = covered * smoothstep(unit * 0.018, unit * 0.004, border) * 0.2
      const grain = tooth(x, y)
      const channel = (which: number, close: number, wide: number, white: number): number => {
        const sharp = pixels[source + which] ?? 0
        const washed = sharp + (close - sharp) * wet
        const edge = clamp((wide - close) * 1.3, -0.05, 0.16)
        const density = 1.02 + pool * 0.2 + grain * 0.12 + brim + edge
        // Thin paint over paper: light goes through it twice, so density is a power, not a sum.
        const through = thin(clamp(washed * 0.93 + 0.055, 0.004, 1), density)
        return white * (1 - covered + covered * through) * (1 + grain * 0.03)
      }
      const speckle = 1 - 0.02 * pixelNoise(x, y, 4)
      writeColour(
        bytes,
        offset,
        channel(0, near.red(fromX, fromY), far.red(x, y), paper[0]) * speckle,
        channel(1, near.green(fromX, fromY), far.green(x, y), paper[1]) * speckle,
        channel(2, near.blue(fromX, fromY), far.blue(x, y), paper[2]) * speckle
      )
    }
  }
  return bytes
}
