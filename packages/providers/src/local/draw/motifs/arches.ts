import { paintAll } from "../Canvas.ts"
import { mix, type Rgb } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import type { Random } from "../Random.ts"
import type { Motif, Scene } from "../Scene.ts"
import { circle, fill, rectangle, sector } from "../Shape.ts"

/** Nested arches like doorways, standing on one another, with a sun among them. */
export const arches: Motif = (scene) => {
  const { canvas, sparse } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("arches")
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const ground = scene.night ? mix(shade, deep, 0.25) : mix(glow, pale, 0.22)
  const noise = createNoise(random)
  const plaster = sampleField(width, height, Math.max(1, Math.round(unit / 500)), (x, y) =>
    fractal(noise, (x / unit) * 14, (y / unit) * 14, 3)
  )
  paintAll(canvas, (x, y) => {
    const light = 1 + plaster(x, y) * (scene.flat ? 0 : 0.035)
    return [ground[0] * light, ground[1] * light, ground[2] * light]
  })
  const sunX = width * random.between(0.28, 0.72)
  const sunY = height * random.between(0.2, 0.3)
  fill(canvas, [circle(sunX, sunY, unit * random.between(0.1, 0.14))], mix(accent, middle, 0.1))
  const colours: readonly [Rgb, ...ReadonlyArray<Rgb>] = [
    deep,
    accent,
    middle,
    pale,
    mix(shade, deep, 0.4),
    mix(accent, pale, 0.5)
  ]
  const tiers = Math.max(2, Math.round((height / unit) * (sparse ? 1.4 : 2.2)))
  for (let tier = 0; tier < tiers; tier++) {
    const base = height * 0.42 + ((tier + 1) / tiers) * height * 0.62
    const size = unit * random.between(0.2, 0.3) * (1 + tier * 0.08)
    let x = -size * random.between(0, 0.9)
    while (x < width) {
      const radius = size * random.between(0.55, 1)
      paintArch(scene, random, x + radius, base, radius, colours)
      x += radius * random.between(1.7, 2.05)
    }
  }
}

const paintArch = (
  scene: Scene,
  random: Random,
  x: number,
  base: number,
  radius: number,
  colours: readonly [Rgb, ...ReadonlyArray<Rgb>]
): void => {
  const { canvas } = scene
  const bands = random.integer(3, 5)
  const legs = radius * random.between(0.3, 1.1)
  const start = random.integer(0, colours.length - 1)
  const ground = scene.night ? scene.palette.tones[0] : mix(scene.palette.tones[5], scene.palette.tones[4], 0.22)
  for (let band = 0; band < bands; band++) {
    const size = radius * (1 - band / bands)
    // Every band is parted from the next by a line of ground, which keeps the colours from shouting at each other.
    for (const [grow, colour] of [
      [1, colours[(start + band) % colours.length] ?? colours[0]],
      [1 - 0.8 / bands / (1 - band / bands), ground]
    ] as const) {
      const inner = size * Math.max(0, grow)
      if (inner < 1) continue
      fill(canvas, [sector(x, base - legs, inner, Math.PI, Math.PI * 2)], colour)
      fill(canvas, [rectangle(x - inner, base - legs - 0.5, inner * 2, canvas.height - base + legs + 2)], colour)
    }
  }
}
