import { blendAt } from "../Canvas.ts"
import { clamp, createRamp, mix, type Rgb, smoothstep } from "../Colour.ts"
import { createNoise, fractal, type Noise, ridged, sampleRows, tabulate } from "../Noise.ts"
import type { Random } from "../Random.ts"
import type { Scene } from "../Scene.ts"
import { coarseStep, type Light } from "./Sky.ts"

/** The crest of a range: for each column of the picture, the row where the ground begins. */
export type Crest = Float32Array

export interface CrestShape {
  /** The row about which the crest moves. */
  readonly base: number
  /** How far it rises, in pixels. */
  readonly amplitude: number
  /** Features per unit of the picture. */
  readonly frequency: number
  /** 1 is smooth, 7 jagged. */
  readonly octaves: number
}

export const mountainCrest = (scene: Scene, random: Random, shape: CrestShape): Crest => {
  const { width, unit } = scene.canvas
  const noise = createNoise(random)
  const start = random.between(0, 100)
  return Float32Array.from({ length: width }, (_, x) => {
    const along = (x / unit) * shape.frequency + start
    const height = ridged(noise, along, start, shape.octaves) * 1.05 - 0.2 + 0.22 * fractal(noise, along * 0.45, 3, 2)
    return shape.base - shape.amplitude * height
  })
}

/** Swells with a sharp lip where two meet, as sand and far hills have. */
export const duneCrest = (scene: Scene, random: Random, shape: CrestShape): Crest => {
  const { width, unit } = scene.canvas
  const noise = createNoise(random)
  const start = random.between(0, 100)
  return Float32Array.from({ length: width }, (_, x) => {
    const along = (x / unit) * shape.frequency + start
    const lip = 1 - Math.abs(noise(along * 0.9, start)) ** 0.85
    return shape.base - shape.amplitude * (lip * 0.72 + 0.4 * noise(along * 0.45, start + 20))
  })
}

const blur = (values: Float32Array, radius: number): Float32Array => {
  const size = values.length
  const sums = new Float64Array(size + 1)
  for (let index = 0; index < size; index++) sums[index + 1] = (sums[index] ?? 0) + (values[index] ?? 0)
  return Float32Array.from({ length: size }, (_, index) => {
    const from = Math.max(0, index - radius)
    const to = Math.min(size, index + radius + 1)
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from)
  })
}

/**
 * The slope of the crest as seen from ever farther below it. Small spurs matter near the crest, only the masses of the
 * mountain at its foot, so each level is smoothed twice as wide as the one before.
 */
const slopesByScale = (crest: Crest, unit: number, levels: number, finest: number): ReadonlyArray<Float32Array> =>
  Array.from({ length: levels }, (_, level) => {
    const radius = Math.max(1, Math.round(unit * finest * 2.1 ** level))
    const smooth = blur(blur(crest, radius), radius)
    const last = smooth.length - 1
    return Float32Array.from(
      smooth,
      (_, x) => ((smooth[Math.min(last, x + radius)] ?? 0) - (smooth[Math.max(0, x - radius)] ?? 0)) / (2 * radius)
    )
  })

export interface RangeLook {
  readonly lit: Rgb
  readonly body: Rgb
  readonly shadow: Rgb
  /** The colour of the air, which takes over towards the foot. */
  readonly haze: Rgb
  /** How much of the foot it takes, 0 to 1. */
  readonly hazeAmount: number
  /** From the crest to where the air is thickest, in pixels. */
  readonly depth: number
  /** How strongly light and shadow part, 0 to 1. */
  readonly relief: number
  /** How ragged the edge between them is, 0 to 1. */
  readonly ragged: number
  /** Finest mass that is shaded, as a share of the unit. */
  readonly finest: number
  readonly snow?: Rgb
}

/**
 * Paints the ground below a crest down to the crest in front of it (what lies lower is hidden anyway).
 * Light falls from the side where the sun is.
 */
export const paintRange = (
  scene: Scene,
  crest: Crest,
  front: Crest | undefined,
  light: Light,
  look: RangeLook,
  random: Random
): void => {
  const { canvas, flat } = scene
  const { width, height, unit } = canvas
  const noise = createNoise(random)
  const levels = 5
  // One side for the whole picture: a seam below the sun would show.
  const side = light.x < width / 2 ? -1 : 1
  const air = blur(blur(crest, Math.round(unit * 0.05)), Math.round(unit * 0.05))
  const slopes = slopesByScale(crest, unit, levels, look.finest)
  const top = Math.max(0, Math.floor(lowestOf(crest, height)) - 1)
  const bottom = front === undefined ? height : Math.min(height, Math.ceil(highestOf(front)) + 3)
  const texture = shadeTexture(scene, noise, top, bottom)
  const levelAt = tabulate(unit, (depth) => clamp(Math.log2(1 + depth / (unit * 0.012)) * 0.9, 0, levels - 1.001), 2048)
  const ramp = createRamp([look.shadow, look.body, look.lit])
  const snowShade = mix(look.snow ?? look.lit, look.body, 0.4)
  const hazeAt = tabulate(look.depth, (depth) => smoothstep(look.depth * 0.05, look.depth, depth) * look.hazeAmount)
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < width; x++) {
      const edge = crest[x] ?? height
      const depth = y - edge
      if (depth < -0.5 || (front !== undefined && y > (front[x] ?? height) + 2)) continue
      const rough = texture(x, y)
      const shift = rough * look.ragged * Math.min(depth * 0.75, unit * 0.07)
      const column = clamp(Math.round(x + shift), 0, width - 1)
      const level = levelAt(depth)
      const lower = level | 0
      const fine = slopes[lower]?.[column] ?? 0
      const slope = fine + ((slopes[lower + 1]?.[column] ?? 0) - fine) * (level - lower)
      const facing = slope * side
      const shaded = flat ? smoothstep(-0.06, 0.06, facing + rough * 0.05) * 2 - 1 : clamp(facing * 1.5, -1, 1)
      const fade = 1 - 0.6 * smoothstep(0, look.depth, depth)
      const brightness = 0.5 + shaded * 0.5 * look.relief * fade + (flat ? 0 : rough * 0.1 * look.relief)
      const offset = (y * width + x) * 3
      const coverage = clamp(depth + 0.5)
      blendAt(canvas, offset, ramp(brightness), coverage)
      if (look.snow !== undefined) {
        const white = smoothstep(
          -0.1,
          0.12,
          0.52 - depth / look.depth + rough * 0.9 + shaded * 0.26 * smoothstep(0, unit * 0.02, depth)
        )
        if (white > 0)
          blendAt(canvas, offset, shaded > 0 ? look.snow : snowShade, white * coverage * (0.78 + 0.2 * shaded))
      }
      blendAt(canvas, offset, look.haze, hazeAt(y - (air[x] ?? edge)) * coverage)
    }
  }
}

const lowestOf = (crest: Crest, most: number): number => crest.reduce((low, value) => Math.min(low, value), most)

const highestOf = (crest: Crest): number => crest.reduce((high, value) => Math.max(high, value), 0)

const shadeTexture = (scene: Scene, noise: Noise, top: number, bottom: number) => {
  const { canvas, flat } = scene
  const scale = 1 / canvas.unit
  return sampleRows(canvas.width, top, bottom, coarseStep(canvas, flat ? 1 : 1.4), (x, y) =>
    fractal(noise, x * scale * 7, y * scale * 11, flat ? 3 : 5)
  )
}

/** The colours of a layer of land at a nearness of 0 (far) to 1 (near). */
export const landColours = (
  scene: Scene,
  nearness: number
): { readonly haze: Rgb; readonly body: Rgb; readonly shadow: Rgb; readonly lit: Rgb } => {
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const haze = scene.night ? mix(deep, middle, 0.75) : mix(pale, glow, 0.2)
  const near = mix(shade, [0, 0, 0], 0.2)
  const far = mix(mix(haze, scene.night ? middle : accent, 0.4), middle, 0.38)
  const ramp = createRamp([far, mix(middle, far, 0.3), mix(deep, middle, 0.35), mix(shade, deep, 0.6), near], 64)
  const body = ramp(nearness)
  return {
    haze,
    body,
    shadow: mix(body, ramp(nearness + 0.24), 0.85),
    lit: mix(body, scene.night ? accent : mix(accent, glow, 0.4), 0.5 - nearness * 0.32)
  }
}
