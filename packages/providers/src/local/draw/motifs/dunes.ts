import { blendAt } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix, type Rgb, smoothstep } from "../Colour.ts"
import { createNoise, sampleField } from "../Noise.ts"
import { type Crest, duneCrest } from "../nature/Ridge.ts"
import { coarseStep, type Light, paintSky, placeLight } from "../nature/Sky.ts"
import { paintWeather } from "../nature/Weather.ts"
import type { Random } from "../Random.ts"
import { has, type Motif, type Scene } from "../Scene.ts"
import { fill } from "../Shape.ts"

/** Sand in long swells: each dune a bright face and a dark one that meet in a sharp, winding line. */
export const dunes: Motif = (scene) => {
  const { canvas, sparse } = scene
  const { height, unit } = canvas
  const random = scene.random.fork("dunes")
  const horizon = height * random.between(0.46, 0.54)
  const light = placeLight(scene, horizon)
  paintSky(scene, horizon, light)
  const land = height - horizon
  const count = clamp(Math.round((sparse ? 3 : 5) * (land / (unit * 0.48)) ** 0.6), 3, 12)
  const crests = Array.from({ length: count }, (_, layer): Crest => {
    const nearness = layer / (count - 1)
    return duneCrest(scene, random.fork(`crest ${layer}`), {
      base: lerp(horizon + unit * 0.07, height + unit * 0.02, nearness ** 1.25),
      amplitude: unit * lerp(0.09, 0.3, nearness),
      frequency: lerp(1.3, 0.62, nearness),
      octaves: 1
    })
  })
  crests.forEach((crest, layer) => {
    const nearness = layer / (count - 1)
    if (layer === 1 && has(scene, "pyramid", "egypt")) paintPyramids(scene, horizon + unit * 0.06, light)
    paintDune(scene, crest, crests[layer + 1], light, nearness, random.fork(`dune ${layer}`))
  })
  paintWeather(scene)
}

const paintDune = (
  scene: Scene,
  crest: Crest,
  front: Crest | undefined,
  light: Light,
  nearness: number,
  random: Random
): void => {
  const { canvas, flat } = scene
  const { width, height, unit } = canvas
  const noise = createNoise(random)
  const colours = duneColours(scene, nearness)
  const lit = createRamp([colours.lit, colours.face, mix(colours.face, colours.foot, 0.7)])
  const dark = createRamp([
    colours.shadow,
    mix(colours.shadow, colours.face, 0.35),
    mix(colours.face, colours.foot, 0.4)
  ])
  // The ridge of the dune runs from its highest points towards us in a curve; the field says on which side we are.
  const span = unit * lerp(0.5, 1.15, nearness)
  const bend = sampleField(width, height, coarseStep(canvas, 0.5), (x, y) => noise((x / unit) * 0.35, (y / unit) * 1.9))
  const side = light.x < width / 2 ? -1 : 1
  const slope = slopeOf(crest, Math.round(unit * 0.02))
  const depthEnd = unit * lerp(0.16, 0.5, nearness)
  const rippleScale = lerp(150, 64, nearness)
  const curve = sampleField(
    width,
    height,
    coarseStep(canvas, 0.5),
    (x, y) => noise((x / unit) * 2.2, (y / unit) * 2.2) * 7
  )
  const ripples = (x: number, y: number) => Math.sin((y * 2.1 + x * 0.35) * (rippleScale / unit) + curve(x, y))
  const top = Math.max(0, Math.floor(crest.reduce((low, value) => Math.min(low, value), height)) - 1)
  const bottom =
    front === undefined ? height : Math.min(height, front.reduce((high, value) => Math.max(high, value), 0) + 3)
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < width; x++) {
      const edge = crest[x] ?? height
      const depth = y - edge
      if (depth < -0.5 || (front !== undefined && y > (front[x] ?? height) + 2)) continue
      const down = clamp(depth / depthEnd)
      const column = clamp(Math.round(x + bend(x, y) * span * 0.3 * down ** 0.7), 0, width - 1)
      const facing = (slope[column] ?? 0) * side
      const bright = smoothstep(-0.012, 0.02, facing)
      const offset = (y * width + x) * 3
      const coverage = clamp(depth + 0.5)
      const wind = flat ? 0 : ripples(x, y) * 0.05 * nearness * smoothstep(0.02, 0.3, down)
      blendAt(canvas, offset, dark(down * 0.9 + wind * 0.5), coverage)
      blendAt(canvas, offset, lit(down * 0.9 + wind), bright * coverage)
    }
  }
}

const slopeOf = (crest: Crest, reach: number): Float32Array => {
  const last = crest.length - 1
  const step = Math.max(1, reach)
  return Float32Array.from(
    crest,
    (_, x) => ((crest[Math.min(last, x + step)] ?? 0) - (crest[Math.max(0, x - step)] ?? 0)) / (2 * step)
  )
}

const duneColours = (scene: Scene, nearness: number): { lit: Rgb; face: Rgb; shadow: Rgb; foot: Rgb } => {
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const air = scene.night ? mix(deep, middle, 0.6) : mix(pale, glow, 0.15)
  if (scene.night) {
    const face = mix(mix(middle, accent, 0.35), deep, nearness * 0.5)
    return {
      lit: mix(face, pale, 0.3),
      face,
      shadow: mix(deep, shade, 0.3 + nearness * 0.5),
      foot: mix(deep, air, 1 - nearness)
    }
  }
  const face = mix(mix(accent, air, 0.45), mix(accent, middle, 0.35), nearness)
  return {
    lit: mix(mix(pale, glow, 0.25), face, 0.15 + nearness * 0.25),
    face,
    shadow: mix(mix(middle, air, 0.4), mix(deep, shade, 0.45), nearness),
    foot: mix(mix(face, air, 0.5), deep, nearness * 0.55)
  }
}

const paintPyramids = (scene: Scene, base: number, light: Light): void => {
  const { canvas } = scene
  const [, deep, middle, accent, pale] = scene.palette.tones
  const { unit, width } = canvas
  const side = light.x < width / 2 ? -1 : 1
  for (const [place, size] of [
    [0.34, 0.3],
    [0.62, 0.4],
    [0.82, 0.2]
  ] as const) {
    const x = width * place
    const half = unit * size * 0.62
    const peak = base - unit * size * 0.72
    const split = x - half * 0.18 * side
    const left: ReadonlyArray<number> = [x, peak, x - half, base + unit * 0.06, split, base + unit * 0.06]
    const right: ReadonlyArray<number> = [x, peak, split, base + unit * 0.06, x + half, base + unit * 0.06]
    fill(canvas, [left], side < 0 ? mix(accent, pale, 0.5) : mix(deep, middle, 0.6))
    fill(canvas, [right], side < 0 ? mix(deep, middle, 0.6) : mix(accent, pale, 0.5))
  }
}
