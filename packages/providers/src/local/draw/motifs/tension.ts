import { paintAll, strokeSegment } from "../Canvas.ts"
import { createRamp, mix, type Rgb } from "../Colour.ts"
import type { Motif } from "../Scene.ts"
import { type Contour, circle, fill, place, rectangle, sector } from "../Shape.ts"

const bar: Contour = rectangle(-0.5, -0.5, 1, 1)

/** Bars, a disc and a wedge along one slanting axis: heavy against light, as the painters of 1915 had it. */
export const tension: Motif = (scene) => {
  const { canvas, sparse } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("tension")
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const dark = scene.night || random.chance(0.25)
  const top = dark ? mix(shade, [0, 0, 0], 0.15) : mix(glow, pale, 0.12)
  const bottom = dark ? mix(shade, deep, 0.5) : mix(glow, pale, 0.55)
  const ground = createRamp([top, bottom])
  paintAll(canvas, (_, y) => ground(y / height))
  const heavy = dark ? glow : shade
  const turn = (random.chance(0.5) ? 1 : -1) * random.between(0.35, 0.75) + (height > width * 1.3 ? Math.PI / 2 : 0)
  const axisX = Math.cos(turn)
  const axisY = Math.sin(turn)
  const stretch = Math.sqrt(Math.max(width, height) / unit)
  // Places are along the axis and across it, in units, from the centre.
  const put = (along: number, across: number): readonly [number, number] => [
    width / 2 + (axisX * along * stretch - axisY * across) * unit,
    height / 2 + (axisY * along * stretch + axisX * across) * unit
  ]
  const colours: readonly [Rgb, ...ReadonlyArray<Rgb>] = [accent, middle, pale, deep]
  const [discX, discY] = put(random.between(-0.2, -0.1), random.between(-0.2, -0.12))
  const radius = unit * random.between(0.25, 0.31)
  const disc = createRamp([mix(accent, glow, 0.25), accent, mix(accent, middle, 0.6)])
  fill(canvas, [circle(discX, discY, radius)], (x, y) => disc((x - discX + y - discY) / (radius * 3) + 0.5))
  const [wedgeX, wedgeY] = put(0.06, 0.12)
  fill(canvas, [sector(wedgeX, wedgeY, unit * 0.36, turn - 0.35, turn + 0.35)], mix(middle, deep, 0.2), 0.94)
  const bars = Math.round((sparse ? 4 : 11) * stretch)
  for (let index = 0; index < bars; index++) {
    const share = index / Math.max(1, bars - 1)
    const [x, y] = put(share * 0.9 - 0.45 + random.between(-0.05, 0.05), random.between(-0.24, 0.24))
    const long = unit * random.between(0.14, 0.5) * (index % 3 === 0 ? 1.3 : 0.75)
    const thick = unit * random.pick([0.016, 0.03, 0.06, 0.11])
    const crossing = index % 4 === 3 ? Math.PI / 2 : 0
    fill(
      canvas,
      [place(bar, x, y, turn + crossing, long, thick)],
      index % 3 === 0 ? heavy : (colours[index % colours.length] ?? accent),
      0.95
    )
  }
  const [ringX, ringY] = put(0.32, -0.16)
  const ring = unit * 0.1
  fill(
    canvas,
    [
      circle(ringX, ringY, ring),
      [...circle(ringX, ringY, ring * 0.72)].reduce<ReadonlyArray<number>>(reversePairs, [])
    ],
    heavy
  )
  for (let line = 0; line < (sparse ? 2 : 5); line++) {
    const across = -0.3 + line * 0.035
    const [fromX, fromY] = put(-0.9, across)
    const [toX, toY] = put(0.9, across)
    strokeSegment(canvas, fromX, fromY, toX, toY, Math.max(0.4, unit * 0.0012), heavy, 0.7)
  }
  for (let dot = 0; dot < 7; dot++) {
    const [x, y] = put(-0.42 + dot * 0.045, 0.3)
    fill(canvas, [circle(x, y, unit * 0.008)], dot % 2 === 0 ? heavy : accent)
  }
}

// An outline run backwards cuts a hole into the one it lies in.
const reversePairs = (
  reversed: ReadonlyArray<number>,
  _value: number,
  index: number,
  all: ReadonlyArray<number>
): ReadonlyArray<number> =>
  index % 2 === 0 ? [...reversed, all[all.length - 2 - index] ?? 0, all[all.length - 1 - index] ?? 0] : reversed
