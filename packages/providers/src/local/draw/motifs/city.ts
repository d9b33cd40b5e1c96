import { addGlow } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix, type Rgb } from "../Colour.ts"
import { paintSky, placeLight } from "../nature/Sky.ts"
import { paintMist, paintWeather } from "../nature/Weather.ts"
import type { Random } from "../Random.ts"
import type { Motif, Scene } from "../Scene.ts"
import { fill, rectangle } from "../Shape.ts"

/** A skyline in ranks, the far towers pale, the near blocks dark, with lit windows. */
export const city: Motif = (scene) => {
  const { canvas, sparse } = scene
  const { height, width, unit } = canvas
  const horizon = height * 0.8
  const light = placeLight(scene, horizon * 0.92)
  paintSky(scene, horizon, light)
  const tall = clamp(height / width - 1, 0, 1.6)
  const ranks = sparse ? 3 : 5
  for (let rank = 0; rank < ranks; rank++) {
    const nearness = rank / (ranks - 1)
    paintRank(scene, rank, nearness, 1 + tall * 0.45)
    if (rank < ranks - 1) {
      const amount = (scene.weather.has("fog") ? 0.85 : 0.5) * (1 - nearness * 0.5)
      paintMist(scene, `street ${rank}`, height - unit * lerp(0.14, 0.02, nearness), unit * 0.13, amount)
    }
  }
  paintWeather(scene)
}

interface Building {
  readonly left: number
  readonly top: number
  readonly width: number
}

const paintRank = (scene: Scene, rank: number, nearness: number, stretch: number): void => {
  const { canvas, night } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork(`rank ${rank}`)
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const air = night ? mix(deep, middle, 0.75) : mix(pale, accent, 0.35)
  const wall = createRamp(
    [
      mix(air, middle, night ? 0.1 : 0.3),
      mix(middle, deep, 0.45),
      deep,
      mix(shade, deep, 0.3),
      mix(shade, [0, 0, 0], 0.2)
    ],
    64
  )(nearness)
  const foot = mix(wall, air, lerp(0.65, 0.05, nearness))
  const ramp = createRamp([wall, wall, foot], 128)
  const facade = (_: number, y: number): Rgb => ramp((y / height - 0.25) * 1.3)
  const lowest = unit * lerp(0.3, 0.08, nearness) * stretch
  const highest = unit * lerp(0.68, 0.36, nearness) * stretch
  for (let left = -unit * random.between(0.02, 0.08); left < width; ) {
    const wide = Math.max(
      2,
      Math.round(unit * random.between(lerp(0.035, 0.07, nearness), lerp(0.075, 0.15, nearness)))
    )
    // Districts: towers gather in two or three places instead of standing everywhere.
    const district = 0.5 + 0.5 * Math.sin((left / unit) * 5 + rank * 1.7)
    const rise = lerp(lowest, highest, random.next() ** 1.5 * (0.35 + 0.65 * district))
    const building = { left: Math.round(left), top: Math.round(height - rise), width: wide }
    fill(canvas, [rectangle(building.left, building.top, wide, rise + 1)], facade)
    if (nearness > 0.3 && !scene.flat)
      fill(canvas, [rectangle(building.left + wide * 0.72, building.top, wide * 0.28, rise + 1)], [0, 0, 0], 0.13)
    paintRoof(scene, random, building, facade, nearness)
    paintWindows(scene, random, building, nearness, mix(pale, glow, 0.35), accent)
    left += wide + (random.chance(0.25) ? unit * random.between(0.003, 0.02) : 0)
  }
}

const paintRoof = (
  scene: Scene,
  random: Random,
  { left, top, width }: Building,
  facade: (x: number, y: number) => Rgb,
  nearness: number
): void => {
  const { canvas } = scene
  const { unit } = canvas
  const kind = random.next()
  const middle = left + width / 2
  if (kind < 0.28) {
    for (let stair = 1; stair <= 3; stair++) {
      const wide = width * (1 - stair * 0.24)
      fill(canvas, [rectangle(middle - wide / 2, top - stair * width * 0.2, wide, width * 0.22)], facade)
    }
    fill(
      canvas,
      [rectangle(middle - Math.max(0.5, width * 0.02), top - width * 1.5, Math.max(1, width * 0.04), width)],
      facade
    )
  } else if (kind < 0.4) {
    fill(canvas, [[left, top + 0.5, middle, top - width * 0.9, left + width, top + 0.5]], facade)
  } else if (kind < 0.55) {
    fill(canvas, [rectangle(left + width * 0.2, top - width * 0.14, width * 0.45, width * 0.16)], facade)
    fill(canvas, [rectangle(left + width * 0.3, top - width * 0.5, Math.max(1, unit * 0.0022), width * 0.5)], facade)
  } else if (kind < 0.63) {
    fill(canvas, [[left, top + 0.5, left, top - width * 0.55, left + width, top + 0.5]], facade)
  }
  if (scene.night && kind < 0.28 && nearness > 0.4) {
    addGlow(canvas, middle, top - width * 1.5, Math.max(0.8, unit * 0.005), [1, 0.12, 0.1], 0.8)
  }
}

const paintWindows = (
  scene: Scene,
  random: Random,
  building: Building,
  nearness: number,
  lamp: Rgb,
  sign: Rgb
): void => {
  const { canvas, night } = scene
  const { unit, height } = canvas
  const wide = unit * lerp(0.0042, 0.0085, nearness)
  if (wide < 0.7) return
  const tall = wide * random.pick([1.1, 1.5, 0.7])
  const gapX = wide * 1.9
  const gapY = tall * 2
  const columns = Math.floor((building.width - wide * 1.6) / gapX)
  const margin = (building.width - columns * gapX + (gapX - wide)) / 2
  const share = night ? random.between(0.2, 0.55) : random.between(0.04, 0.16)
  const tint = random.chance(0.2) ? sign : mix(lamp, sign, random.between(0, 0.35))
  for (let y = building.top + gapY; y < height; y += gapY) {
    // Whole floors work late, others sleep.
    const floor = random.chance(0.15) ? 0.25 : random.chance(0.12) ? 1.9 : 1
    for (let column = 0; column < columns; column++) {
      if (!random.chance(share * floor)) continue
      const strength = random.between(0.45, 1) * lerp(0.4, 0.95, nearness) * (night ? 1 : 0.7)
      fill(canvas, [rectangle(building.left + margin + column * gapX, y, wide, tall)], tint, strength)
    }
  }
}
