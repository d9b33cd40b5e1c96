import { addAt, blendAt } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import { landColours, mountainCrest, paintRange } from "../nature/Ridge.ts"
import { coarseStep, type Light, paintSky, placeLight } from "../nature/Sky.ts"
import { paintStand } from "../nature/Trees.ts"
import { paintMist, paintWeather } from "../nature/Weather.ts"
import { has, type Motif, type Scene } from "../Scene.ts"
import { fill } from "../Shape.ts"

/** Conifers rank behind rank, the far ones drowned in light, with a clearing below the sun. */
export const forest: Motif = (scene) => {
  const { canvas, sparse, flat } = scene
  const { height, unit } = canvas
  const random = scene.random.fork("forest")
  const horizon = height * random.between(0.5, 0.56)
  const light = placeLight(scene, horizon)
  paintSky(scene, horizon, light)
  const far = mountainCrest(scene, random.fork("far"), {
    base: horizon + unit * 0.08,
    amplitude: unit * 0.24,
    frequency: 1.1,
    octaves: 5
  })
  const farColours = landColours(scene, 0.06)
  paintRange(
    scene,
    far,
    undefined,
    light,
    { ...farColours, hazeAmount: 0.9, depth: unit * 0.2, relief: 0.3, ragged: 1, finest: 0.005 },
    random.fork("range")
  )
  const land = height - horizon
  const ranks = clamp(Math.round((sparse ? 4 : 6) * (land / (unit * 0.46)) ** 0.6), 4, 13)
  for (let rank = 0; rank < ranks; rank++) {
    const nearness = rank / (ranks - 1)
    paintRank(scene, nearness, lerp(horizon + unit * 0.05, height + unit * 0.06, nearness ** 1.3), light, rank)
    if (rank < ranks - 1 && !flat) {
      const row = lerp(horizon + unit * 0.07, height + unit * 0.06, ((rank + 0.75) / (ranks - 1)) ** 1.3)
      paintMist(
        scene,
        `rank ${rank}`,
        row - unit * 0.02,
        unit * 0.06,
        (scene.weather.has("fog") ? 0.75 : 0.42) * (1 - nearness * 0.6)
      )
    }
    if (rank === ranks - 2 && has(scene, "cabin", "house", "hut"))
      paintCabin(scene, light, lerp(horizon + unit * 0.05, height + unit * 0.06, nearness ** 1.3))
  }
  if (!scene.night && !scene.weather.has("rain") && !flat) paintShafts(scene, light)
  paintWeather(scene)
}

const paintRank = (scene: Scene, nearness: number, row: number, light: Light, rank: number): void => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork(`rank ${rank}`)
  const noise = createNoise(random)
  const colours = landColours(scene, lerp(0.1, 1, nearness ** 0.85))
  const [shade, deep] = scene.palette.tones
  const crown = mix(colours.body, mix(shade, deep, 0.5), nearness * 0.25)
  const treeHeight = unit * lerp(0.07, 0.34, nearness ** 1.4)
  const base = mix(crown, colours.haze, lerp(0.75, 0.1, nearness))
  const ramp = createRamp([crown, crown, base], 128)
  // The ground dips below the light: the eye is led to it.
  const groundAt = (x: number): number => {
    const across = (x - light.x) / unit
    const dip = Math.exp(-across * across * 7) * unit * 0.07 * (0.4 + nearness)
    return row + fractal(noise, (x / unit) * 0.9, nearness * 10, 3) * unit * 0.07 + dip
  }
  const ground = new Float32Array(width)
  for (let x = 0; x < width; x++) ground[x] = groundAt(x)
  const scale = 1 / (treeHeight * 1.15)
  paintStand(canvas, random.fork("trees"), {
    groundAt,
    height: treeHeight,
    spacing: lerp(0.24, 0.3, nearness) * (scene.sparse ? 1.7 : 1),
    paint: (x, y) => ramp(1 - ((ground[x] ?? row) - y) * scale)
  })
  for (let y = Math.max(0, Math.floor(row - unit * 0.16)); y < height; y++) {
    for (let x = 0; x < width; x++) {
      const depth = y - (ground[x] ?? row)
      if (depth > -0.5) blendAt(canvas, (y * width + x) * 3, base, clamp(depth + 0.5))
    }
  }
}

/** Light that falls between the trees in slanting bars. */
const paintShafts = (scene: Scene, light: Light): void => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const glow = scene.palette.tones[5]
  const noise = createNoise(scene.random.fork("shafts"))
  const shafts = sampleField(width, height, coarseStep(canvas, 0.5), (x, y) => {
    const angle = Math.atan2(y - light.y, x - light.x)
    const distance = Math.hypot(x - light.x, y - light.y) / unit
    if (y < light.y) return 0
    return clamp(fractal(noise, angle * 5, 1, 3) + 0.12) * Math.exp(-distance * 2) * clamp(distance * 5 - 0.3)
  })
  for (let y = Math.max(0, Math.floor(light.y)); y < height; y++) {
    for (let x = 0; x < width; x++) {
      const strength = shafts(x, y)
      if (strength > 0.004) addAt(canvas, (y * width + x) * 3, glow, strength * 0.5)
    }
  }
}

const paintCabin = (scene: Scene, light: Light, ground: number): void => {
  const { canvas } = scene
  const { unit } = canvas
  const [shade, deep, , accent, pale, glow] = scene.palette.tones
  const x = clamp(light.x, unit * 0.2, canvas.width - unit * 0.2)
  const y = Math.min(canvas.height - unit * 0.08, ground + unit * 0.06)
  const size = unit * 0.085
  const wall = mix(shade, deep, 0.5)
  fill(
    canvas,
    [[x - size, y, x - size, y - size * 0.9, x, y - size * 1.7, x + size, y - size * 0.9, x + size, y]],
    wall
  )
  fill(
    canvas,
    [
      [
        x - size * 1.25,
        y - size * 0.68,
        x,
        y - size * 1.75,
        x + size * 1.25,
        y - size * 0.68,
        x + size * 1.25,
        y - size * 0.9,
        x,
        y - size * 2,
        x - size * 1.25,
        y - size * 0.9
      ]
    ],
    mix(shade, [0, 0, 0], 0.3)
  )
  for (const side of [-0.5, 0.5]) {
    fill(
      canvas,
      [
        [
          x + size * (side - 0.2),
          y - size * 0.7,
          x + size * (side + 0.2),
          y - size * 0.7,
          x + size * (side + 0.2),
          y - size * 0.28,
          x + size * (side - 0.2),
          y - size * 0.28
        ]
      ],
      mix(mix(accent, pale, 0.5), glow, 0.5)
    )
  }
}
