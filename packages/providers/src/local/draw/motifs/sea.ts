import { addAt, blendAt } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix, smoothstep } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import { landColours, mountainCrest, paintRange } from "../nature/Ridge.ts"
import { coarseStep, type Light, paintSky, placeLight } from "../nature/Sky.ts"
import { paintWeather } from "../nature/Weather.ts"
import { has, type Motif, type Scene } from "../Scene.ts"
import { type Contour, curveTo, fill } from "../Shape.ts"

/** Open water to a low horizon, with a road of light on it. */
export const sea: Motif = (scene) => {
  const { canvas, night } = scene
  const random = scene.random.fork("sea")
  const horizon = Math.round(canvas.height * random.between(0.5, 0.58))
  const placed = placeLight(scene, horizon)
  // By day the sun stands close to the water: that is what makes its road.
  const light = night ? placed : { ...placed, y: horizon - placed.radius * random.between(0.2, 1.5) }
  paintSky(scene, horizon, light)
  if (!scene.sparse) paintIslands(scene, horizon, light)
  paintWater(scene, horizon, light)
  if (has(scene, "lighthouse")) paintLighthouse(scene, horizon)
  if (
    has(scene, "sail", "sailboat", "boat", "ship", "yacht", "barco", "bateau", "schiff", "barca") ||
    random.chance(0.35)
  ) {
    const aside = light.x > canvas.width / 2 ? random.between(0.2, 0.38) : random.between(0.62, 0.8)
    paintBoat(scene, canvas.width * aside, horizon + canvas.unit * 0.075, canvas.unit * 0.075)
  }
  paintWeather(scene)
}

const paintIslands = (scene: Scene, horizon: number, light: Light): void => {
  const { unit } = scene.canvas
  for (const layer of [0, 1]) {
    const random = scene.random.fork(`island ${layer}`)
    const crest = mountainCrest(scene, random, {
      base: horizon + unit * 0.014,
      amplitude: unit * lerp(0.11, 0.06, layer),
      frequency: lerp(0.9, 1.3, layer),
      octaves: 5
    })
    const colours = landColours(scene, 0.12 + layer * 0.22)
    const look = { ...colours, hazeAmount: 0.55, depth: unit * 0.08, relief: 0.4, ragged: 0.7, finest: 0.004 }
    paintRange(scene, crest, undefined, light, look, random)
  }
}

const paintWater = (scene: Scene, horizon: number, light: Light): void => {
  const { canvas, night, flat } = scene
  const { width, height, unit } = canvas
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const noise = createNoise(scene.random.fork("water"))
  const far = night ? mix(deep, middle, 0.7) : mix(accent, pale, 0.35)
  const ramp = createRamp(
    night
      ? [far, deep, mix(shade, deep, 0.4)]
      : [far, mix(middle, accent, 0.25), mix(deep, middle, 0.55), mix(shade, deep, 0.6)]
  )
  const gleam = mix(pale, glow, 0.6)
  const depth = Math.max(1, height - horizon)
  // Waves far off are thinner and closer: the same noise, seen in perspective.
  const perspective = (y: number): number => 1 / (((y - horizon) / unit) * 1.6 + 0.045)
  const step = coarseStep(canvas, 1.7)
  const swell = sampleField(width, depth + 1, step, (x, y) => {
    const scale = perspective(y + horizon)
    return fractal(noise, ((x - width / 2) / unit) * scale * 1.6 + 5, scale * 11, 4)
  })
  const chop = sampleField(width, depth + 1, Math.max(1, Math.round(step / 2)), (x, y) => {
    const scale = perspective(y + horizon)
    return noise(((x - width / 2) / unit) * scale * 6.5, scale * 46 + 9)
  })
  for (let y = Math.max(0, horizon); y < height; y++) {
    const down = (y - horizon) / depth
    const spread = lerp(0.045, 0.24, Math.min(1, (y - horizon) / unit / 0.5))
    for (let x = 0; x < width; x++) {
      const offset = (y * width + x) * 3
      const wave = swell(x, y - horizon)
      const ripple = chop(x, y - horizon)
      const height = wave * 0.7 + ripple * 0.3
      blendAt(canvas, offset, ramp(down ** 0.62 - height * (flat ? 0.2 : 0.17)), 1)
      const across = (x - light.x) / unit / spread
      const road = Math.exp(-across * across * 1.6)
      const sparkle = smoothstep(-0.12 + down * 0.3, 0.42 + down * 0.22, height + 0.22 * road)
      blendAt(canvas, offset, gleam, clamp(road * sparkle * (night ? 0.75 : 0.95)))
      addAt(canvas, offset, glow, road * (night ? 0.035 : 0.1) * (1 - down * 0.6))
      const crest = smoothstep(0.34, 0.72, ripple) * smoothstep(0.05, 0.55, wave) * 0.3
      blendAt(canvas, offset, gleam, crest * (night ? 0.35 : 1))
    }
  }
}

const paintBoat = (scene: Scene, x: number, y: number, size: number): void => {
  const { canvas } = scene
  const [shade, , , , pale, glow] = scene.palette.tones
  const sail = mix(pale, glow, 0.6)
  const hull: Array<number> = [x - size * 0.62, y - size * 0.1]
  curveTo(hull, x - size * 0.2, y - size * 0.03, x + size * 0.3, y - size * 0.04, x + size * 0.66, y - size * 0.13)
  curveTo(hull, x + size * 0.55, y + size * 0.06, x + size * 0.4, y + size * 0.08, x + size * 0.3, y + size * 0.08)
  hull.push(x - size * 0.42, y + size * 0.08)
  const main: Array<number> = [x - size * 0.03, y - size * 1.35]
  curveTo(main, x - size * 0.14, y - size * 0.8, x - size * 0.34, y - size * 0.4, x - size * 0.56, y - size * 0.18)
  main.push(x - size * 0.03, y - size * 0.15)
  const jib: Array<number> = [x + size * 0.03, y - size * 1.15]
  curveTo(jib, x + size * 0.3, y - size * 0.8, x + size * 0.5, y - size * 0.4, x + size * 0.56, y - size * 0.2)
  jib.push(x + size * 0.03, y - size * 0.15)
  for (let band = 0; band < 7; band++) {
    // The boat's own reflection, broken by the waves.
    const row = y + size * (0.12 + band * 0.13)
    const wide = size * (0.5 - band * 0.05) * (band % 2 === 0 ? 1 : 0.7)
    fill(
      canvas,
      [[x - wide, row, x + wide, row, x + wide * 0.8, row + size * 0.045, x - wide * 0.8, row + size * 0.045]],
      shade,
      0.42 - band * 0.05
    )
  }
  fill(canvas, [main], sail)
  fill(canvas, [jib], mix(sail, shade, 0.22))
  fill(canvas, [hull], mix(shade, [0, 0, 0], 0.25))
}

const paintLighthouse = (scene: Scene, horizon: number): void => {
  const { canvas } = scene
  const { unit } = canvas
  const [shade, deep, , accent, , glow] = scene.palette.tones
  const x = canvas.width - unit * 0.2
  const base = horizon + unit * 0.06
  const rock: Array<number> = [canvas.width + unit * 0.1, base + unit * 0.05]
  curveTo(
    rock,
    canvas.width,
    base - unit * 0.06,
    x + unit * 0.05,
    base - unit * 0.05,
    x - unit * 0.02,
    base - unit * 0.03
  )
  curveTo(rock, x - unit * 0.1, base, x - unit * 0.16, base + unit * 0.02, x - unit * 0.24, base + unit * 0.05)
  const top = base - unit * 0.34
  const tower = (from: number, to: number): Contour => {
    const half = (down: number) => unit * lerp(0.018, 0.032, down)
    const row = (down: number) => lerp(top, base, down)
    return [x - half(from), row(from), x + half(from), row(from), x + half(to), row(to), x - half(to), row(to)]
  }
  fill(canvas, [rock], mix(shade, deep, 0.3))
  for (let band = 0; band < 5; band++) fill(canvas, [tower(band / 5, (band + 1) / 5)], band % 2 === 0 ? glow : accent)
  fill(canvas, [[x, top, x + unit * 0.032, base, x, base]], shade, 0.25)
  fill(
    canvas,
    [
      [
        x - unit * 0.024,
        top,
        x + unit * 0.024,
        top,
        x + unit * 0.016,
        top - unit * 0.035,
        x - unit * 0.016,
        top - unit * 0.035
      ]
    ],
    glow
  )
  fill(
    canvas,
    [[x - unit * 0.022, top - unit * 0.035, x, top - unit * 0.06, x + unit * 0.022, top - unit * 0.035]],
    shade
  )
  if (scene.night)
    fill(canvas, [[x, top - unit * 0.018, -unit * 0.1, top - unit * 0.16, -unit * 0.1, top + unit * 0.06]], glow, 0.16)
}
