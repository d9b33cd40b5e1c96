import { clamp, fromSrgb, lightness, type Rgb, toOklab, toSrgb } from "../Colour.ts"

/** Colours from the paper to the darkest ink. Printing them in this order, each over the last, gives every tone. */
export type InkStack = readonly [paper: Rgb, ...inks: ReadonlyArray<Rgb>]

export const stackOf = (paper: Rgb, inks: ReadonlyArray<Rgb>): InkStack => [
  paper,
  ...[...inks].sort((one, other) => lightness(other) - lightness(one))
]

const side = 25

/**
 * How deep in the stack a colour is: 0 the paper, 1 the first ink and so on, with fractions between. It is the nearest
 * point on the line through the inks; as that is costly, it is computed for a cube of colours and read between them.
 */
export const depthIn = (stack: InkStack): ((red: number, green: number, blue: number) => number) => {
  const cube = new Float32Array(side ** 3)
  const points = stack.map(toOklab)
  for (let red = 0, index = 0; red < side; red++) {
    for (let green = 0; green < side; green++) {
      for (let blue = 0; blue < side; blue++, index++) {
        const colour = toOklab([fromSrgb(red / (side - 1)), fromSrgb(green / (side - 1)), fromSrgb(blue / (side - 1))])
        cube[index] = nearestOnLine(points, colour)
      }
    }
  }
  return (red, green, blue) => readCube(cube, toSrgb(red), toSrgb(green), toSrgb(blue))
}

type Point = readonly [number, number, number]

// Lightness rules and hue only helps: a stack is sorted by lightness, and a tone must not jump because of its hue.
const hueWeight = 0.7

const nearestOnLine = (points: ReadonlyArray<Point>, [l, a, b]: Point): number => {
  let best = 0
  let bestDistance = Infinity
  for (let index = 0; index + 1 < points.length; index++) {
    const from = points[index]
    const to = points[index + 1]
    if (from === undefined || to === undefined) continue
    const dl = to[0] - from[0]
    const da = (to[1] - from[1]) * hueWeight
    const db = (to[2] - from[2]) * hueWeight
    const along = clamp(
      ((l - from[0]) * dl + (a - from[1]) * hueWeight * da + (b - from[2]) * hueWeight * db) /
        Math.max(1e-6, dl * dl + da * da + db * db)
    )
    const distance =
      (l - from[0] - dl * along) ** 2 +
      ((a - from[1]) * hueWeight - da * along) ** 2 +
      ((b - from[2]) * hueWeight - db * along) ** 2
    if (distance < bestDistance) {
      bestDistance = distance
      best = index + along
    }
  }
  return best
}

const readCube = (cube: Float32Array, red: number, green: number, blue: number): number => {
  const scale = (side - 1) / 255.001
  const r = red * scale
  const g = green * scale
  const b = blue * scale
  const ri = r | 0
  const gi = g | 0
  const bi = b | 0
  const base = (ri * side + gi) * side + bi
  const bf = b - bi
  const gf = g - gi
  const rf = r - ri
  const row = (index: number): number => (cube[index] ?? 0) * (1 - bf) + (cube[index + 1] ?? 0) * bf
  const plane = (index: number): number => row(index) * (1 - gf) + row(index + side) * gf
  return plane(base) * (1 - rf) + plane(base + side * side) * rf
}
