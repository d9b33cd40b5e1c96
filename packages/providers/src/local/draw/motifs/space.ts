import { addAt, addGlow, blendAt, type Canvas, setAt, strokeSegment } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix, type Rgb, smoothstep } from "../Colour.ts"
import { createNoise, fractal, type Noise, sampleField } from "../Noise.ts"
import { coarseStep } from "../nature/Sky.ts"
import type { Random } from "../Random.ts"
import { has, type Motif, type Scene } from "../Scene.ts"

/** A band of glowing gas with dust before it, stars, and a planet that is lit from one side. */
export const space: Motif = (scene) => {
  const { canvas } = scene
  const random = scene.random.fork("space")
  paintNebula(scene, random.fork("nebula"))
  paintStarfield(scene, random.fork("starfield"))
  if (
    !has(scene, "galaxy", "nebula", "milky way", "galaxia", "galaxie") ||
    has(scene, "planet", "saturn", "mars", "jupiter")
  ) {
    paintPlanet(scene, random.fork("planet"))
  }
  if (has(scene, "comet")) paintComet(scene, canvas)
}

const paintNebula = (scene: Scene, random: Random): void => {
  const { canvas, flat } = scene
  const { width, height, unit } = canvas
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const noise = createNoise(random)
  const other = createNoise(random)
  const start = random.between(0, 50)
  const first = sampleField(width, height, coarseStep(canvas, 0.5), (x, y) =>
    fractal(noise, (x / unit) * 1.5 + start, (y / unit) * 1.5, 4)
  )
  const second = sampleField(width, height, coarseStep(canvas, 0.5), (x, y) =>
    fractal(other, (x / unit) * 1.5 - start, (y / unit) * 1.5 + 7, 4)
  )
  const gas = sampleField(width, height, coarseStep(canvas, flat ? 1 : 1.6), (x, y) =>
    fractal(noise, (x / unit) * 2 + first(x, y) * 1.7 + 3, (y / unit) * 2 + second(x, y) * 1.7, flat ? 4 : 6)
  )
  const dust = sampleField(width, height, coarseStep(canvas, 1.3), (x, y) =>
    fractal(other, (x / unit) * 3 + first(x, y) * 2, (y / unit) * 3 + 9, 5)
  )
  const dark = mix(shade, [0, 0, 0], 0.55)
  const ramp = createRamp([
    dark,
    shade,
    mix(shade, deep, 0.7),
    mix(deep, middle, 0.6),
    mix(middle, accent, 0.6),
    mix(accent, pale, 0.4),
    mix(pale, glow, 0.6)
  ])
  // The band runs along the longer side, a little askew.
  const turn = (width >= height ? 0 : Math.PI / 2) + random.between(0.25, 0.6) * (random.chance(0.5) ? 1 : -1)
  const cosine = Math.cos(turn)
  const sine = Math.sin(turn)
  for (let y = 0, offset = 0; y < height; y++) {
    for (let x = 0; x < width; x++, offset += 3) {
      const off = (-(x - width / 2) * sine + (y - height / 2) * cosine) / unit
      const wide = off + first(x, y) * 0.2
      const band = Math.exp(-wide * wide * 8)
      const density = 0.17 + 0.5 * gas(x, y) * (0.4 + band * 0.8) + 0.42 * band * (0.75 + 0.5 * second(x, y))
      const veil = smoothstep(0.02, 0.5, dust(x, y)) * band
      setAt(canvas, offset, ramp(density * (1 - 0.6 * veil)))
    }
  }
}

const paintStarfield = (scene: Scene, random: Random): void => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const [, , , accent, pale, glow] = scene.palette.tones
  const scale = unit / 1024
  const count = Math.min(
    14000,
    (width * height) / 260,
    Math.round(((width * height) / unit ** 2) * (scene.sparse ? 500 : 1300))
  )
  for (let star = 0; star < count; star++) {
    const size = random.next() ** 8
    const tint = random.chance(0.3)
      ? mix(glow, accent, 0.45)
      : random.chance(0.4)
        ? ([0.75, 0.86, 1] as const)
        : mix(pale, glow, 0.7)
    addGlow(
      canvas,
      random.next() * width,
      random.next() * height,
      Math.max(0.6, (0.62 + size * 1.3) * scale),
      tint,
      0.1 + size * 1.4 + random.next() * 0.2
    )
  }
  const bright = Math.min(40, (width * height) / 3000, Math.round(((width * height) / unit ** 2) * 7))
  for (let star = 0; star < bright; star++) {
    const x = random.next() * width
    const y = random.next() * height
    const reach = unit * random.between(0.01, 0.034)
    addGlow(canvas, x, y, Math.max(1, unit * 0.0022), glow, 1.2)
    addGlow(canvas, x, y, unit * 0.012, accent, 0.16)
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1]
    ] as const) {
      strokeSegment(canvas, x, y, x + dx * reach, y + dy * reach, unit * 0.0004, glow, 0.35)
      strokeSegment(canvas, x, y, x + dx * reach * 0.5, y + dy * reach * 0.5, unit * 0.0006, glow, 0.5)
    }
  }
}

interface Planet {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly cosine: number
  readonly sine: number
  /** How flat the ring is seen, 0 to 1; absent when there is none. */
  readonly ring?: number
}

const paintPlanet = (scene: Scene, random: Random): void => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const turn = random.between(-0.5, 0.5)
  const ringed = has(scene, "saturn") || random.chance(0.6)
  const planet: Planet = {
    x: width * (random.chance(0.5) ? random.between(0.3, 0.4) : random.between(0.6, 0.7)),
    y: height * random.between(0.38, 0.62),
    radius: unit * (ringed ? random.between(0.15, 0.19) : random.between(0.2, 0.28)),
    cosine: Math.cos(turn),
    sine: Math.sin(turn),
    ...(ringed ? { ring: random.between(0.18, 0.34) } : {})
  }
  const noise = createNoise(random)
  if (planet.ring !== undefined) paintRing(canvas, scene, planet, planet.ring, noise, false)
  paintGlobe(canvas, scene, planet, noise)
  if (planet.ring !== undefined) paintRing(canvas, scene, planet, planet.ring, noise, true)
  paintMoon(canvas, scene, planet, random)
}

const lightX = -0.66
const lightY = -0.5
const lightZ = 0.56

const paintGlobe = (canvas: Canvas, scene: Scene, planet: Planet, noise: Noise): void => {
  const [, deep, middle, accent, pale, glow] = scene.palette.tones
  const { x, y, radius, cosine, sine } = planet
  const surface = createRamp([deep, middle, mix(middle, accent, 0.6), accent, pale, mix(pale, glow, 0.5)])
  const halo = radius * 1.2
  for (let row = Math.max(0, Math.floor(y - halo)); row < Math.min(canvas.height, y + halo); row++) {
    for (let column = Math.max(0, Math.floor(x - halo)); column < Math.min(canvas.width, x + halo); column++) {
      const dx = (column + 0.5 - x) / radius
      const dy = (row + 0.5 - y) / radius
      const distance = Math.sqrt(dx * dx + dy * dy)
      const offset = (row * canvas.width + column) * 3
      const towards = dx * lightX + dy * lightY
      if (distance >= 1 && distance < 1.2)
        addAt(canvas, offset, accent, 0.5 * Math.exp(-(distance - 1) * 30) * clamp(towards + 0.35))
      const coverage = clamp((1 - distance) * radius + 0.5)
      if (coverage <= 0) continue
      const height = Math.sqrt(Math.max(0, 1 - distance * distance))
      const lit = clamp((towards + height * lightZ) * 1.05 + 0.03)
      const along = dx * cosine + dy * sine
      const across = -dx * sine + dy * cosine
      const swirl = fractal(noise, along * 1.5, across * 5, 3) * 0.35
      const band = fractal(noise, along * 0.5 + swirl, across * 4.2 + swirl, 4) * 0.5 + 0.5
      const colour = surface(band * 0.85 + 0.1)
      const light = 0.015 + 1.1 * lit ** 0.9
      const rim = 0.28 * (1 - height) ** 3 * clamp(towards + 0.5)
      blendAt(
        canvas,
        offset,
        [colour[0] * light + accent[0] * rim, colour[1] * light + accent[1] * rim, colour[2] * light + accent[2] * rim],
        coverage
      )
    }
  }
}

const paintRing = (
  canvas: Canvas,
  scene: Scene,
  planet: Planet,
  flatness: number,
  noise: Noise,
  front: boolean
): void => {
  const [, , , accent, pale, glow] = scene.palette.tones
  const { x, y, radius, cosine, sine } = planet
  const reach = radius * 2.3
  const ramp = createRamp([mix(accent, pale, 0.5), mix(pale, glow, 0.5)])
  for (let row = Math.max(0, Math.floor(y - reach)); row < Math.min(canvas.height, y + reach); row++) {
    for (let column = Math.max(0, Math.floor(x - reach)); column < Math.min(canvas.width, x + reach); column++) {
      const dx = column + 0.5 - x
      const dy = row + 0.5 - y
      const along = dx * cosine + dy * sine
      const across = -dx * sine + dy * cosine
      if (across > 0 !== front) continue
      const distance = Math.hypot(along, across / flatness) / radius
      if (distance < 1.3 || distance > 2.28) continue
      const grooves = 0.55 + 0.35 * noise(distance * 8, 1) + 0.2 * noise(distance * 34, 2)
      const gap = 1 - 0.9 * smoothstep(0.03, 0.015, Math.abs(distance - 1.86))
      // The planet's shadow lies on the far part of its ring.
      const shadow =
        !front && along * lightX + across * lightY < 0 && Math.abs(along * lightY - across * lightX) < radius * 0.9
          ? 0.25
          : 1
      const alpha = smoothstep(1.3, 1.36, distance) * smoothstep(2.28, 2.18, distance) * grooves * gap
      const tone: Rgb = ramp(grooves)
      blendAt(
        canvas,
        (row * canvas.width + column) * 3,
        [tone[0] * shadow, tone[1] * shadow, tone[2] * shadow],
        clamp(alpha * 0.9)
      )
    }
  }
}

const paintMoon = (canvas: Canvas, scene: Scene, planet: Planet, random: Random): void => {
  const [shade, , middle, , pale] = scene.palette.tones
  const angle = random.between(-0.9, 0.3)
  const x = planet.x + Math.cos(angle) * planet.radius * 2.6 * (planet.x > canvas.width / 2 ? -1 : 1)
  const y = planet.y + Math.sin(angle) * planet.radius * 2
  const radius = planet.radius * random.between(0.1, 0.17)
  for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(canvas.height, y + radius + 1); row++) {
    for (let column = Math.max(0, Math.floor(x - radius)); column < Math.min(canvas.width, x + radius + 1); column++) {
      const dx = (column + 0.5 - x) / radius
      const dy = (row + 0.5 - y) / radius
      const squared = dx * dx + dy * dy
      const coverage = clamp((1 - Math.sqrt(squared)) * radius + 0.5)
      if (coverage <= 0) continue
      const lit = clamp(dx * lightX + dy * lightY + Math.sqrt(Math.max(0, 1 - squared)) * lightZ)
      blendAt(
        canvas,
        (row * canvas.width + column) * 3,
        mix(mix(shade, [0, 0, 0], 0.5), mix(middle, pale, 0.6), lit),
        coverage
      )
    }
  }
}

const paintComet = (scene: Scene, canvas: Canvas): void => {
  const { width, height, unit } = canvas
  const glow = scene.palette.tones[5]
  const x = width * 0.74
  const y = height * 0.3
  for (let step = 0; step < 60; step++) {
    const along = step / 60
    addGlow(
      canvas,
      x + along * unit * 0.34,
      y - along * unit * 0.2,
      unit * lerp(0.006, 0.018, along),
      glow,
      0.3 * (1 - along) ** 2
    )
  }
  addGlow(canvas, x, y, unit * 0.007, glow, 1.6)
}
