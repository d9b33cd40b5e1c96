import { setAt } from "../Canvas.ts"
import { clamp, mix, pickTone, type Rgb } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import type { Motif } from "../Scene.ts"

const shadowSteps = [1, 2.2, 3.6, 5.2] as const

/** Sheets of paper, each with a hole cut into it, stacked over a deep middle and lit from above. */
export const paper: Motif = (scene) => {
  const { canvas, sparse, flat, night } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("paper")
  const noise = createNoise(random)
  const start = random.between(0, 90)
  const scale = random.between(0.95, 1.3) / unit
  const centreX = width * random.between(0.38, 0.62)
  const centreY = height * random.between(0.4, 0.6)
  const sheets = sparse ? 5 : 8
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const inward = night || random.chance(0.5)
  const stops: readonly [Rgb, ...ReadonlyArray<Rgb>] = inward
    ? [glow, pale, accent, middle, deep, mix(deep, shade, 0.7)]
    : [mix(shade, deep, 0.4), deep, middle, accent, pale, mix(pale, glow, 0.7)]
  const colours = Array.from({ length: sheets + 1 }, (_, sheet) => pickTone(stops, sheet / sheets))
  // Long pictures get a long hole: the distance is measured in shares of each side there.
  const stretchX = 1 / (unit + (width - unit) * 0.75)
  const stretchY = 1 / (unit + (height - unit) * 0.75)
  const relief = sampleField(width, height, Math.max(1, Math.round(unit / 400)), (x, y) => {
    const bendX = fractal(noise, x * scale + start, y * scale, 2)
    const bendY = fractal(noise, x * scale - start, y * scale + 5, 2)
    const distance = Math.hypot((x - centreX) * stretchX, (y - centreY) * stretchY)
    const hills = fractal(noise, x * scale * 0.85 + bendX * 0.5 + 2, y * scale * 0.85 + bendY * 0.5, 3)
    return clamp(distance * 1.45 - 0.06 + hills * 0.34, 0, 1.1) * sheets
  })
  const fibres = sampleField(
    width,
    height,
    Math.max(1, Math.round(unit / 900)),
    (x, y) => noise(x * scale * 60, y * scale * 60) * 0.6 + noise(x * scale * 260, y * scale * 190) * 0.4
  )
  const shadowX = unit * 0.0035
  const shadowY = unit * -0.0062
  for (let y = 0, offset = 0; y < height; y++) {
    for (let x = 0; x < width; x++, offset += 3) {
      const here = relief(x, y)
      const sheet = Math.min(sheets, Math.floor(here))
      const slope = Math.max(0.004, Math.abs(relief(x + 1, y) - here) + Math.abs(relief(x, y + 1) - here))
      // Within a pixel of the cut the sheet below shows through: that is the smooth edge.
      const fromEdge = (here - sheet) / slope
      const edge = sheet === 0 ? 1 : clamp(fromEdge)
      let shadow = 0
      for (const step of shadowSteps) {
        const above = relief(x - shadowX * step, y + shadowY * step) - (sheet + 1)
        shadow += clamp(above / (slope * 2.4 + 0.02) + 0.5)
      }
      const top = colours[sheet] ?? glow
      const below = colours[sheet - 1] ?? top
      const lit = fromEdge < 2.4 && sheet > 0 ? 1.13 : 1
      const light = (1 - 0.52 * (shadow / shadowSteps.length)) * lit * (flat ? 1 : 1 + fibres(x, y) * 0.022)
      setAt(canvas, offset, [
        (below[0] * 0.6 + (top[0] - below[0] * 0.6) * edge) * light,
        (below[1] * 0.6 + (top[1] - below[1] * 0.6) * edge) * light,
        (below[2] * 0.6 + (top[2] - below[2] * 0.6) * edge) * light
      ])
    }
  }
}
