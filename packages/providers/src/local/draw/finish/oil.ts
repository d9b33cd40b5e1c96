import { type Canvas, createCanvas, scaleAt, setAt } from "../Canvas.ts"
import { clamp, type Rgb } from "../Colour.ts"
import { createNoise, fractal, type Noise, sampleField } from "../Noise.ts"
import type { Random } from "../Random.ts"
import { develop, type Finish, luminanceAt, rgbAt } from "./Finish.ts"

/** Brush strokes in three sizes along the forms, with a ridge of paint at one side of each. */
export const oil: Finish = (scene) => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("brush")
  const noise = createNoise(random)
  const painted = createCanvas(width, height)
  painted.pixels.set(canvas.pixels)
  const directions = strokeDirections(canvas, noise)
  for (const [size, density] of [
    [0.026, 1.5],
    [0.014, 1.4],
    [0.0075, 0.8]
  ] as const) {
    const half = Math.max(1.2, unit * size * 0.42)
    const strokes = Math.min(60000, Math.round(((width * height) / (half * half * 10)) * density))
    for (let stroke = 0; stroke < strokes; stroke++) {
      const x = random.next() * width
      const y = random.next() * height
      const offset = (Math.floor(y) * width + Math.floor(x)) * 3
      // Fine strokes only where there is something fine to say.
      if (size < 0.01 && contrastAt(canvas, x, y, half * 2) < 0.035) continue
      paintStroke(painted, random, x, y, directions(x, y) + random.between(-0.25, 0.25), half, rgbAt(canvas, offset))
    }
  }
  return develop(painted, { grain: 4, vignette: 0.12 })
}

const contrastAt = (canvas: Canvas, x: number, y: number, reach: number): number => {
  const at = (dx: number, dy: number) => {
    const column = clamp(Math.round(x + dx), 0, canvas.width - 1)
    const row = clamp(Math.round(y + dy), 0, canvas.height - 1)
    return luminanceAt(canvas, (row * canvas.width + column) * 3)
  }
  return Math.abs(at(reach, 0) - at(-reach, 0)) + Math.abs(at(0, reach) - at(0, -reach))
}

/** Along the edges of the picture where it has any, along a slow current elsewhere. */
const strokeDirections = (canvas: Canvas, noise: Noise) => {
  const { width, height, unit } = canvas
  const reach = Math.max(2, unit * 0.012)
  const step = Math.max(2, Math.round(unit / 128))
  const at = (x: number, y: number) =>
    luminanceAt(canvas, (clamp(Math.round(y), 0, height - 1) * width + clamp(Math.round(x), 0, width - 1)) * 3)
  return sampleField(width, height, step, (x, y) => {
    const across = at(x + reach, y) - at(x - reach, y)
    const down = at(x, y + reach) - at(x, y - reach)
    const drift = fractal(noise, (x / unit) * 1.4, (y / unit) * 1.4, 2) * 1.4
    const strength = Math.hypot(across, down)
    if (strength < 0.03) return drift
    // Modulo half a turn, nearest to the drift, so that neighbours do not cancel out when read between samples.
    const along = Math.atan2(across, -down)
    return along - Math.round((along - drift) / Math.PI) * Math.PI
  })
}

const paintStroke = (
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  turn: number,
  half: number,
  colour: Rgb
): void => {
  const long = half * random.between(2.4, 4.4)
  const cosine = Math.cos(turn)
  const sine = Math.sin(turn)
  const reach = Math.ceil(long + half)
  const light = 1 + random.between(-0.09, 0.09)
  const bristles = random.between(0, 100)
  const top = Math.max(0, Math.floor(y) - reach)
  const bottom = Math.min(canvas.height - 1, Math.floor(y) + reach)
  const left = Math.max(0, Math.floor(x) - reach)
  const right = Math.min(canvas.width - 1, Math.floor(x) + reach)
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const dx = column - x
      const dy = row - y
      const along = (dx * cosine + dy * sine) / long
      const across = (-dx * sine + dy * cosine) / half
      const edge = 1 - along * along * along * along - across * across
      if (edge <= 0) continue
      const bristle = 1 + 0.055 * Math.sin(across * 9 + bristles) + 0.1 * across
      const offset = (row * canvas.width + column) * 3
      setAt(canvas, offset, colour)
      scaleAt(canvas, offset, light * bristle)
    }
  }
}
