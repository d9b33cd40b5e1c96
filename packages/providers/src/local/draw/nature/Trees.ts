import type { Canvas } from "../Canvas.ts"
import type { Random } from "../Random.ts"
import { type Contour, fill, type Paint } from "../Shape.ts"

/** The outline of a conifer that stands on (x, y): uneven tiers of drooping branches. */
export const conifer = (random: Random, x: number, y: number, height: number): Contour => {
  const tiers = Math.max(4, Math.min(11, Math.round(5 + height / 26)))
  const halfWidth = height * random.between(0.15, 0.2)
  const lean = height * random.between(-0.015, 0.015)
  const right: Array<number> = []
  const left: Array<number> = []
  const trunk = height * 0.012
  for (let tier = 1; tier <= tiers; tier++) {
    const down = (tier / tiers) ** 0.92
    const tip = y - height * (1 - down * 0.93)
    const inner = tip - height * 0.03
    const offset = lean * (1 - down)
    for (const [side, points] of [
      [1, right],
      [-1, left]
    ] as const) {
      const reach = halfWidth * down * random.between(0.72, 1.12)
      points.push(x + offset + side * reach, tip + height * random.between(-0.005, 0.022))
      points.push(x + offset + side * Math.max(trunk, reach * 0.42), inner)
    }
  }
  const outline: Array<number> = [
    x + lean,
    y - height,
    ...right,
    x + trunk,
    y + height * 0.03,
    x - trunk,
    y + height * 0.03
  ]
  for (let index = left.length - 2; index >= 0; index -= 2) outline.push(left[index] ?? x, left[index + 1] ?? y)
  return outline
}

export interface Stand {
  /** The row of the ground at a column. */
  readonly groundAt: (x: number) => number
  /** Height of a full-grown tree in pixels. */
  readonly height: number
  /** Distance between trees as a share of their height. */
  readonly spacing: number
  readonly paint: Paint
}

/** A row of conifers across the picture, in groups and gaps. */
export const paintStand = (canvas: Canvas, random: Random, stand: Stand): void => {
  const gap = Math.max(1, stand.height * stand.spacing)
  for (let x = -gap; x < canvas.width + gap; x += gap * random.between(0.35, 1.7)) {
    const grown = random.between(0.5, 1) * (random.chance(0.2) ? 1.25 : 1)
    const ground = stand.groundAt(x) + stand.height * 0.05
    fill(canvas, [conifer(random, x, ground, stand.height * grown)], stand.paint)
  }
}
