import { clamp, lerp, mix } from "../Colour.ts"
import { type Crest, landColours, mountainCrest, paintRange } from "../nature/Ridge.ts"
import { paintSky, placeLight } from "../nature/Sky.ts"
import { paintStand } from "../nature/Trees.ts"
import { paintMist, paintWeather } from "../nature/Weather.ts"
import { has, type Motif, type Scene } from "../Scene.ts"
import { fill } from "../Shape.ts"

/** Ranges one behind the other, each paler than the one before it, under a large sky. */
export const mountains: Motif = (scene) => {
  const { canvas, flat, sparse } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("mountains")
  const tall = clamp(height / width - 1, 0, 1)
  const horizon = height * (random.between(0.54, 0.6) + tall * 0.06)
  const light = placeLight(scene, horizon)
  paintSky(scene, horizon, light)
  if (!scene.night && !flat) paintBirds(scene)
  const land = height - horizon
  const count = clamp(Math.round((sparse ? 3 : flat ? 5 : 6) * (land / (unit * 0.42)) ** 0.5), 3, 12)
  const crests = Array.from({ length: count }, (_, layer): Crest => {
    const nearness = layer / (count - 1)
    return mountainCrest(scene, random.fork(`crest ${layer}`), {
      base: lerp(horizon + unit * 0.03, height - unit * 0.03, nearness ** 1.1),
      amplitude: unit * lerp(0.36, 0.15, nearness ** 0.8),
      frequency: lerp(1.25, 1.9, nearness),
      octaves: flat ? 5 : 6
    })
  })
  const foggy = scene.weather.has("fog")
  crests.forEach((crest, layer) => {
    const nearness = layer / (count - 1)
    const colours = landColours(scene, flat ? 0.12 + nearness * 0.88 : nearness)
    paintRange(
      scene,
      crest,
      crests[layer + 1],
      light,
      {
        ...colours,
        hazeAmount: lerp(foggy ? 0.95 : 0.7, foggy ? 0.3 : 0.08, nearness),
        depth: unit * lerp(0.2, 0.3, nearness),
        relief: lerp(0.55, 0.85, nearness),
        ragged: 1,
        finest: 0.004,
        ...(scene.weather.has("snow") || (nearness < 0.55 && has(scene, "everest", "himalaya", "fuji", "alpine", "alp"))
          ? { snow: mix(scene.palette.tones[5], colours.haze, 0.15 + 0.35 * (1 - nearness)) }
          : {})
      },
      random.fork(`range ${layer}`)
    )
    const wooded = layer >= count - 2 && !sparse && scene.palette.name !== "desert" && scene.palette.name !== "ice"
    if (wooded) {
      const tall = unit * (layer === count - 1 ? 0.085 : 0.04)
      const dark = mix(colours.body, [0, 0, 0], 0.35)
      paintStand(canvas, random.fork(`trees ${layer}`), {
        groundAt: (x) => crest[clamp(Math.round(x), 0, width - 1)] ?? height,
        height: tall,
        spacing: layer === count - 1 ? 0.2 : 0.26,
        paint: dark
      })
    }
    if (foggy && layer < count - 1) {
      const next = crests[layer + 1]
      const row = next === undefined ? height : next.reduce((sum, value) => sum + value, 0) / next.length
      paintMist(scene, `${layer}`, row - unit * 0.01, unit * 0.07, lerp(0.7, 0.4, nearness))
    }
  })
  paintWeather(scene)
}

/** A few birds far off, in a loose line: they give the scale. */
const paintBirds = (scene: Scene): void => {
  const { canvas } = scene
  const random = scene.random.fork("birds")
  if (scene.weather.has("snow") || scene.weather.has("rain")) return
  const startX = canvas.width * random.between(0.2, 0.6)
  const startY = canvas.height * random.between(0.16, 0.3)
  const count = random.integer(4, 7)
  for (let bird = 0; bird < count; bird++) {
    const span = canvas.unit * random.between(0.008, 0.014)
    const x = startX + canvas.unit * (bird * 0.032 + random.between(-0.008, 0.008))
    const y = startY - canvas.unit * (Math.abs(bird - 2) * -0.012 + random.between(-0.006, 0.006))
    const lift = span * random.between(0.25, 0.6)
    const thick = Math.max(0.5, span * 0.1)
    fill(
      canvas,
      [
        [
          x - span,
          y - lift,
          x - span * 0.4,
          y - lift * 0.9,
          x,
          y,
          x + span * 0.4,
          y - lift * 0.9,
          x + span,
          y - lift,
          x + span * 0.4,
          y - lift * 0.9 + thick,
          x,
          y + thick * 1.8,
          x - span * 0.4,
          y - lift * 0.9 + thick
        ]
      ],
      scene.palette.tones[1],
      0.75
    )
  }
}
