import { paintAll } from "../Canvas.ts"
import { mix, type Rgb } from "../Colour.ts"
import type { Random } from "../Random.ts"
import type { Motif, Scene } from "../Scene.ts"
import { type Contour, circle, fill, place, rectangle, sector } from "../Shape.ts"

/** A grid of plain forms in few colours; some take four places, some stay empty. */
export const bauhaus: Motif = (scene) => {
  const { canvas, sparse } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("bauhaus")
  const cells = unit < 160 ? 3 : sparse ? 3 : random.integer(4, 5)
  const size = unit / cells
  const columns = Math.ceil(width / size - 0.01)
  const rows = Math.ceil(height / size - 0.01)
  const startX = (width - columns * size) / 2
  const startY = (height - rows * size) / 2
  const inks = inksOf(scene)
  paintAll(canvas, () => inks.paper)
  const taken = new Set<number>()
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (taken.has(row * columns + column)) continue
      const room = column + 1 < columns && row + 1 < rows && !taken.has(row * columns + column + 1)
      const span = room && random.chance(0.24) ? 2 : 1
      for (let down = 0; down < span; down++) {
        for (let across = 0; across < span; across++) taken.add((row + down) * columns + column + across)
      }
      // On whole pixels: between two smooth edges the paper would shine through as a hairline.
      const left = Math.round(startX + column * size)
      const top = Math.round(startY + row * size)
      const right = Math.round(startX + (column + span) * size)
      paintTile(scene, random, left, top, right - left, Math.round(startY + (row + span) * size) - top, inks)
    }
  }
}

interface Inks {
  readonly paper: Rgb
  readonly dark: Rgb
  readonly colours: readonly [Rgb, ...ReadonlyArray<Rgb>]
}

const inksOf = (scene: Scene): Inks => {
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  return {
    paper: mix(glow, pale, 0.16),
    dark: scene.night ? shade : mix(shade, deep, 0.15),
    colours: [accent, middle, deep, pale, accent]
  }
}

type Form = (
  random: Random,
  first: Rgb,
  second: Rgb,
  ground: Rgb
) => ReadonlyArray<readonly [outlines: ReadonlyArray<Contour>, colour: Rgb]>

const half = Math.PI / 2

/** Forms in a square from (0, 0) to (1, 1). */
const forms: readonly [Form, ...ReadonlyArray<Form>] = [
  (_, first, second) => [
    [[circle(0.5, 0.5, 0.5)], first],
    [[circle(0.5, 0.5, 0.22)], second]
  ],
  (_, first) => [[[sector(0, 0, 1, 0, half)], first]],
  (_, first, second, ground) => [
    [[sector(0, 0, 1, 0, half)], first],
    [[sector(0, 0, 0.66, 0, half)], ground],
    [[sector(0, 0, 0.33, 0, half)], second]
  ],
  (_, first, second) => [
    [[sector(0.5, 0.5, 0.5, Math.PI, Math.PI * 2)], first],
    [[sector(0.5, 1, 0.5, Math.PI, Math.PI * 2)], second]
  ],
  (_, first) => [[[[0, 0, 1, 1, 0, 1]], first]],
  (_, first, second) => [
    [[[0, 0, 1, 0, 0.5, 0.5]], first],
    [[[0, 1, 0.5, 0.5, 1, 1]], second]
  ],
  (_, first) => [[[0, 0.25, 0.5, 0.75].map((left) => rectangle(left, 0, 0.125, 1)), first]],
  (_, first) => [[[leaf], first]],
  (_, first, second) => [
    [[leaf], first],
    [[circle(0.5, 0.5, 0.14)], second]
  ],
  (_, first, second, ground) =>
    [0.5, 0.375, 0.25, 0.125].map(
      (radius, ring) => [[circle(0.5, 0.5, radius)], [first, ground, second, ground][ring] ?? first] as const
    ),
  (_, first, second) =>
    [0, 1, 2].flatMap((row) =>
      [0, 1, 2].map(
        (column) =>
          [[circle(0.18 + column * 0.32, 0.18 + row * 0.32, 0.105)], (row + column) % 2 === 0 ? first : second] as const
      )
    ),
  (_, first, second) => [
    [[rectangle(0, 0, 0.5, 1)], first],
    [[sector(0.5, 0.5, 0.5, -half, half)], second]
  ],
  (_, first, second) => [
    [[sector(0, 0.5, 0.5, -half, half)], first],
    [[sector(1, 0.5, 0.5, half, half * 3)], second]
  ],
  (_, first, second) => [
    [[rectangle(0, 0.62, 1, 0.38)], first],
    [[circle(0.5, 0.36, 0.26)], second]
  ]
]

const leaf: Contour = [...sector(0, 1, 1, -half, 0).slice(2), ...sector(1, 0, 1, half, Math.PI).slice(2)]

const paintTile = (
  scene: Scene,
  random: Random,
  x: number,
  y: number,
  width: number,
  height: number,
  inks: Inks
): void => {
  const { canvas } = scene
  const grounds: readonly [Rgb, ...ReadonlyArray<Rgb>] = [inks.paper, inks.paper, inks.dark, ...inks.colours]
  const ground = random.pick(grounds)
  const choices = [inks.dark, inks.paper, ...inks.colours].filter((colour) => colour !== ground)
  const first = choices[random.integer(0, choices.length - 1)] ?? inks.dark
  const others = choices.filter((colour) => colour !== first)
  const second = others[random.integer(0, others.length - 1)] ?? inks.paper
  fill(canvas, [rectangle(x, y, width, height)], ground)
  if (random.chance(0.06)) return
  const turn = random.integer(0, 3) * half
  for (const [outlines, colour] of random.pick(forms)(random, first, second, ground)) {
    const placed = outlines.map((outline) =>
      place(
        outline.map((value) => value - 0.5),
        x + width / 2,
        y + height / 2,
        turn,
        width,
        height
      )
    )
    fill(canvas, placed, colour)
  }
}
