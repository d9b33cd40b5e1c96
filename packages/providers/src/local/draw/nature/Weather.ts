import { addGlow, blendAt, strokeSegment } from "../Canvas.ts"
import { clamp, mix } from "../Colour.ts"
import { createNoise, fractal, sampleRows } from "../Noise.ts"
import type { Scene } from "../Scene.ts"
import { coarseStep } from "./Sky.ts"

/** Snow and rain, over all that was painted. */
export const paintWeather = (scene: Scene): void => {
  if (scene.weather.has("snow")) paintSnow(scene)
  if (scene.weather.has("rain")) paintRain(scene)
}

const paintSnow = (scene: Scene): void => {
  const { canvas } = scene
  const random = scene.random.fork("snow")
  const [, , , , , glow] = scene.palette.tones
  const scale = canvas.unit / 1024
  const flakes = Math.min(9000, Math.round((canvas.width * canvas.height) / (canvas.unit / 22) ** 2))
  for (let flake = 0; flake < flakes; flake++) {
    const near = random.next() ** 4
    const radius = Math.max(0.6, (0.9 + near * 4.4) * scale)
    addGlow(canvas, random.next() * canvas.width, random.next() * canvas.height, radius, glow, 0.5 - near * 0.22)
  }
}

const paintRain = (scene: Scene): void => {
  const { canvas } = scene
  const random = scene.random.fork("rain")
  const [, , , , pale, glow] = scene.palette.tones
  const colour = mix(pale, glow, 0.4)
  const drops = Math.min(6000, Math.round((canvas.width * canvas.height) / (canvas.unit / 30) ** 2))
  for (let drop = 0; drop < drops; drop++) {
    const near = random.next() ** 2
    const length = canvas.unit * (0.012 + near * 0.035)
    const x = random.next() * canvas.width * 1.1
    const y = random.next() * canvas.height - length
    strokeSegment(
      canvas,
      x,
      y,
      x - length * 0.2,
      y + length,
      canvas.unit * (0.0004 + near * 0.0006),
      colour,
      0.1 + near * 0.2
    )
  }
}

/** A bank of mist that lies about a row and thins out above and below; `amount` 0 to 1. */
export const paintMist = (scene: Scene, name: string, row: number, thickness: number, amount: number): void => {
  const { canvas } = scene
  const [, deep, middle, , pale, glow] = scene.palette.tones
  const colour = scene.night ? mix(deep, middle, 0.8) : mix(pale, glow, 0.45)
  const noise = createNoise(scene.random.fork(`mist ${name}`))
  const scale = 1 / canvas.unit
  const top = Math.max(0, Math.floor(row - thickness * 2))
  const bottom = Math.min(canvas.height, Math.ceil(row + thickness * 2))
  const density = sampleRows(canvas.width, top, bottom, coarseStep(canvas, 0.5), (x, y) =>
    fractal(noise, x * scale * 1.6, y * scale * 7, 4)
  )
  for (let y = top; y < bottom; y++) {
    const distance = (y - row) / thickness
    const here = Math.exp(-distance * distance * 1.6) * amount
    for (let x = 0; x < canvas.width; x++) {
      blendAt(canvas, (y * canvas.width + x) * 3, colour, here * clamp(0.62 + density(x, y) * 0.75))
    }
  }
}
