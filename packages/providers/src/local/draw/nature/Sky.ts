import { addAt, addGlow, blendAt, type Canvas, setAt } from "../Canvas.ts"
import { clamp, createRamp, mix, type Rgb, smoothstep } from "../Colour.ts"
import { createNoise, type Field, fractal, type Noise, sampleField, tabulate } from "../Noise.ts"
import type { Random } from "../Random.ts"
import type { Scene } from "../Scene.ts"

/** The sun or the moon, in pixels. */
export interface Light {
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** Grid step for fields of noise: about 250 samples on the shorter side, however large the picture. */
export const coarseStep = (canvas: Canvas, finer = 1): number => Math.max(1, Math.round(canvas.unit / (256 * finer)))

export const placeLight = (scene: Scene, horizon: number): Light => {
  const { canvas, night, flat, sparse } = scene
  const random = scene.random.fork("light")
  // Off the middle, near a third, on either side: a sun in the centre makes a target.
  const third = random.chance(0.5) ? random.between(0.26, 0.42) : random.between(0.58, 0.74)
  const size = night ? random.between(0.05, 0.07) : random.between(0.065, 0.1)
  const height = night ? random.between(0.26, 0.46) : random.between(0.52, 0.74)
  const radius = canvas.unit * size * (flat ? 1.5 : 1) * (sparse ? 1.35 : 1)
  return {
    x: canvas.width * third,
    y: Math.max(radius * 1.6, horizon - (1 - height) * Math.min(horizon, canvas.unit)),
    radius
  }
}

/** How dense the clouds are, about -1 to 1; the same field seen from a step nearer the light tells its lit edges. */
const cloudField = (scene: Scene, noise: Noise): Field => {
  const { canvas } = scene
  const across = 1.7 / canvas.unit
  const down = 5.2 / canvas.unit
  return sampleField(canvas.width, canvas.height, coarseStep(canvas), (x, y) => {
    const bend = noise(x * across * 0.6 + 31, y * down * 0.35) * 0.45
    return fractal(noise, x * across + 3 + bend, y * down + bend * 1.4, 5)
  })
}

const skyStops = (scene: Scene): readonly [Rgb, ...ReadonlyArray<Rgb>] => {
  const [shade, deep, middle, accent, pale] = scene.palette.tones
  if (scene.night) return [shade, mix(shade, deep, 0.7), deep, mix(deep, middle, 0.8), mix(middle, accent, 0.4)]
  if (scene.weather.has("rain"))
    return [mix(deep, middle, 0.25), mix(deep, middle, 0.6), middle, mix(middle, pale, 0.5)]
  return [mix(deep, middle, 0.35), middle, mix(middle, accent, 0.6), accent, mix(accent, pale, 0.75), pale]
}

/** Paints the whole canvas as sky, with its light, clouds and stars. `horizon` is where the sky is palest, in pixels. */
export const paintSky = (scene: Scene, horizon: number, light: Light): void => {
  const { canvas, night, flat } = scene
  const [, , , , pale, glow] = scene.palette.tones
  const random = scene.random.fork("sky")
  const noise = createNoise(random)
  const ramp = createRamp(skyStops(scene))
  const reach = canvas.unit
  const halo = tabulate(3, (distance) => Math.exp(-distance * 7) * 0.85 + Math.exp(-distance * 2.1) * 0.38)
  const glowStrength = night ? 0.16 : scene.weather.has("rain") ? 0.16 : 0.46
  const drift = sampleField(canvas.width, canvas.height, coarseStep(canvas, 0.5), (x, y) =>
    fractal(noise, (x / reach) * 1.3 - 9, (y / reach) * 1.3 + 4, 3)
  )
  const driftAmount = flat ? 0.02 : 0.05
  for (let y = 0, offset = 0; y < canvas.height; y++) {
    const down = y / horizon
    for (let x = 0; x < canvas.width; x++, offset += 3) {
      setAt(canvas, offset, ramp(down + drift(x, y) * driftAmount))
      const across = (x - light.x) / reach
      const below = (y - light.y) / reach
      addAt(canvas, offset, glow, glowStrength * halo(Math.sqrt(across * across + below * below)))
    }
  }
  if (night) paintStars(scene, horizon, 1)
  paintDisc(canvas, light, night ? mix(glow, pale, 0.12) : glow, night ? noise : undefined)
  if (!scene.weather.has("clear") && !(flat && !scene.weather.has("rain"))) paintClouds(scene, horizon, light, noise)
}

const paintDisc = (canvas: Canvas, light: Light, colour: Rgb, craters: Noise | undefined): void => {
  const { x, y, radius } = light
  const top = Math.max(0, Math.floor(y - radius - 1))
  const bottom = Math.min(canvas.height - 1, Math.ceil(y + radius + 1))
  for (let row = top; row <= bottom; row++) {
    for (
      let column = Math.max(0, Math.floor(x - radius - 1));
      column <= Math.min(canvas.width - 1, x + radius + 1);
      column++
    ) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y)
      const coverage = clamp(radius - distance + 0.5)
      if (coverage <= 0) continue
      const shade =
        craters === undefined ? 1 : 0.9 + 0.1 * fractal(craters, (column / radius) * 1.1, (row / radius) * 1.1, 4)
      blendAt(
        canvas,
        (row * canvas.width + column) * 3,
        [colour[0] * shade, colour[1] * shade, colour[2] * shade],
        coverage
      )
    }
  }
}

const paintClouds = (scene: Scene, horizon: number, light: Light, noise: Noise): void => {
  const { canvas, night } = scene
  const [, deep, middle, , pale, glow] = scene.palette.tones
  const clouds = cloudField(scene, noise)
  const reach = canvas.unit
  const cover = scene.weather.has("rain") ? 0.9 : night ? 0.3 : 0.62
  const threshold = scene.weather.has("rain") ? -0.25 : scene.sparse ? 0.22 : 0.08
  const shadow = night ? mix(deep, middle, 0.5) : mix(middle, pale, scene.weather.has("rain") ? 0.12 : 0.42)
  const lit = night ? mix(middle, pale, 0.4) : mix(pale, glow, 0.55)
  const ramp = createRamp([shadow, mix(shadow, lit, 0.5), lit])
  const step = canvas.unit * 0.018
  for (let y = 0; y < Math.min(canvas.height, horizon * 1.1); y++) {
    const fade = smoothstep(-0.05, 0.3, y / horizon) * (1 - 0.55 * smoothstep(0.55, 1.05, y / horizon))
    for (let x = 0; x < canvas.width; x++) {
      const density = clouds(x, y)
      if (density < threshold) continue
      const across = light.x - x
      const below = light.y - y
      const distance = Math.sqrt(across * across + below * below) + 1
      // Denser away from the light than towards it: this is the side that the light falls on.
      const edge = density - clouds(x + (across / distance) * step, y + (below / distance) * step)
      const brightness = clamp(0.42 + edge * 3.2 + 0.5 * (1 - Math.min(1, (distance / reach) * 1.3)))
      const opacity = smoothstep(threshold, threshold + 0.5, density) * fade * cover
      blendAt(canvas, (y * canvas.width + x) * 3, ramp(brightness), opacity)
    }
  }
}

/** Stars above a height, denser and finer towards the top; `amount` 1 is a clear night. */
export const paintStars = (scene: Scene, bottom: number, amount: number): void => {
  const { canvas } = scene
  const random: Random = scene.random.fork("stars")
  const [, , , , pale, glow] = scene.palette.tones
  const scale = canvas.unit / 1024
  const count = Math.min(
    9000,
    (canvas.width * bottom) / 260,
    Math.round(((canvas.width * bottom) / canvas.unit ** 2) * 520 * amount)
  )
  for (let star = 0; star < count; star++) {
    const x = random.next() * canvas.width
    const y = random.next() ** 1.3 * bottom
    const size = random.next() ** 7
    const colour = random.chance(0.25) ? pale : glow
    addGlow(canvas, x, y, Math.max(0.62, (0.7 + size * 1.6) * scale), colour, 0.12 + size * 1.3 + random.next() * 0.2)
  }
}
