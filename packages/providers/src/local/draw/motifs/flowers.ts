import { type Canvas, strokeSegment } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix, type Rgb } from "../Colour.ts"
import type { Random } from "../Random.ts"
import { type Contour, circle, curveTo, ellipse, fill, place } from "../Shape.ts"

export interface Flower {
  readonly x: number
  readonly y: number
  readonly radius: number
  /** Height over width of the head: below 1 it is seen from the side. */
  readonly tilt: number
  readonly turn: number
  /** From the heart to the tips. */
  readonly petals: readonly [inner: Rgb, body: Rgb, tip: Rgb]
  readonly heart: Rgb
  readonly random: Random
}

/**
 * A petal from (0, 0) to (0, -1): `width` is its half width, `belly` how far up it is widest, `notch` how deep its tip
 * is cut in.
 */
export const petalOutline = (width: number, belly: number, notch: number): Contour => {
  const points: Array<number> = [0, 0]
  const blunt = notch > 0 ? width * 0.55 : 0
  curveTo(points, -width * 1.2, -belly * 0.6, -width * 1.25, -1 + notch * 0.4, -blunt, -1)
  if (notch > 0) curveTo(points, -blunt * 0.4, -1, -blunt * 0.2, -1 + notch, 0, -1 + notch)
  if (notch > 0) curveTo(points, blunt * 0.2, -1 + notch, blunt * 0.4, -1, blunt, -1)
  curveTo(points, width * 1.25, -1 + notch * 0.4, width * 1.2, -belly * 0.6, 0, 0)
  return points
}

interface Ring {
  readonly count: number
  readonly length: number
  readonly outline: Contour
  readonly phase: number
  /** Moves the colours towards the heart (negative) or the tips. */
  readonly lift: number
}

/** Petals around the heart, each with its own shadow on those below it. */
const paintRing = (canvas: Canvas, flower: Flower, ring: Ring): void => {
  const { x, y, tilt, random, petals } = flower
  const [inner, body, tip] = petals
  const ramp = createRamp([mix(inner, [0, 0, 0], 0.25), inner, body, mix(body, tip, 0.6), tip], 128)
  const reach = 1 / ring.length
  for (let petal = 0; petal < ring.count; petal++) {
    const angle = ring.phase + (petal / ring.count) * Math.PI * 2 + random.between(-0.06, 0.06)
    const length = ring.length * random.between(0.92, 1.05)
    const outline = tilted(place(ring.outline, 0, 0, angle, length), flower)
    const shift = ring.length * 0.03
    if (length > 5)
      fill(canvas, [outline.map((value, index) => value + (index % 2 === 0 ? shift * 0.6 : shift))], [0, 0, 0], 0.13)
    // Light from the upper left, and no two petals quite alike.
    const facing = Math.cos(angle + 0.75) * 0.07 + random.between(-0.06, 0.06) + ring.lift
    const veinX = Math.cos(angle)
    const veinY = Math.sin(angle)
    fill(canvas, [outline], (px, py) => {
      const dx = px - x
      const dy = (py - y) / tilt
      const along = Math.sqrt(dx * dx + dy * dy) * reach
      const across = Math.abs(dx * veinX + dy * veinY) * reach
      return ramp(along * 0.9 + facing - Math.max(0, 0.05 - across) * 1.3)
    })
  }
}

const tilted = (outline: Contour, { x, y, tilt, turn }: Flower): Contour => place(outline, x, y, turn, 1, tilt)

const paintSeeds = (canvas: Canvas, flower: Flower, radius: number, colour: Rgb, count: number): void => {
  const { x, y, tilt, petals, random } = flower
  const dot = Math.max(0.5, radius * 0.09)
  for (let seed = 0; seed < count; seed++) {
    const distance = radius * Math.sqrt(seed / count)
    const angle = seed * 2.399963
    const tint = mix(colour, petals[2], random.next() * 0.45)
    const dx = Math.cos(angle) * distance
    fill(canvas, [circle(x + dx, y + Math.sin(angle) * distance * tilt, dot)], tint)
  }
}

const dahlia = (canvas: Canvas, flower: Flower): void => {
  const { radius, random } = flower
  const rings = radius > 60 ? 7 : radius > 24 ? 5 : 4
  for (let ring = 0; ring < rings; ring++) {
    const inward = ring / (rings - 1)
    paintRing(canvas, flower, {
      count: Math.round(lerp(17, 7, inward)),
      length: radius * lerp(1, 0.24, inward ** 0.9),
      outline: petalOutline(lerp(0.2, 0.34, inward), 0.7, 0),
      phase: ring * 0.61 + random.between(0, 0.1),
      lift: lerp(0.02, -0.16, inward)
    })
  }
  paintSeeds(canvas, flower, radius * 0.085, flower.petals[0], radius > 24 ? 26 : 8)
}

const daisy = (canvas: Canvas, flower: Flower): void => {
  const { radius, random, x, y, tilt, heart, petals } = flower
  const count = radius > 20 ? random.integer(15, 21) : 11
  for (const ring of [0, 1]) {
    paintRing(canvas, flower, {
      count,
      length: radius * (1 - ring * 0.1),
      outline: petalOutline(0.11, 0.75, 0.04),
      phase: (ring * Math.PI) / count,
      lift: 0.12
    })
  }
  const disc = radius * 0.3
  fill(canvas, [ellipse(x + disc * 0.06, y + disc * 0.12, disc, disc * tilt, 0)], [0, 0, 0], 0.2)
  fill(canvas, [ellipse(x, y, disc, disc * tilt, 0)], mix(heart, petals[0], 0.2))
  paintSeeds(canvas, flower, disc * 0.92, heart, radius > 40 ? 110 : radius > 16 ? 30 : 6)
}

const poppy = (canvas: Canvas, flower: Flower): void => {
  const { radius, random, x, y, tilt, heart, petals } = flower
  for (const ring of [0, 1]) {
    paintRing(canvas, flower, {
      count: ring === 0 ? 5 : 4,
      length: radius * (1 - ring * 0.2),
      outline: petalOutline(0.66, 0.85, 0.1),
      phase: ring * 0.7 + random.between(0, 0.5),
      lift: 0.02 - ring * 0.05
    })
  }
  const reach = radius * 0.34
  const stamens = radius > 20 ? 34 : 12
  const dark = mix(heart, petals[0], 0.15)
  for (let stamen = 0; stamen < stamens; stamen++) {
    const angle = (stamen / stamens) * Math.PI * 2 + random.between(-0.08, 0.08)
    const length = reach * random.between(0.65, 1)
    const tipX = x + Math.cos(angle) * length
    const tipY = y + Math.sin(angle) * length * tilt
    strokeSegment(canvas, x, y, tipX, tipY, Math.max(0.3, radius * 0.006), dark, 0.8)
    fill(canvas, [circle(tipX, tipY, Math.max(0.5, radius * 0.022))], dark)
  }
  fill(canvas, [ellipse(x, y, radius * 0.13, radius * 0.13 * tilt, 0)], mix(heart, petals[1], 0.3))
  paintSeeds(canvas, flower, radius * 0.1, heart, radius > 24 ? 14 : 4)
}

/** Seen from the side: a cup of three petals before two. */
const tulip = (canvas: Canvas, flower: Flower): void => {
  const { x, y, radius, petals, turn } = flower
  const [inner, body, tip] = petals
  const base = y + radius * 0.75
  const height = radius * 1.7
  const outline = petalOutline(0.3, 0.5, 0)
  const ramp = createRamp([mix(inner, [0, 0, 0], 0.15), inner, body, tip], 96)
  for (const [lean, shade, size] of [
    [-0.2, -0.2, 1],
    [0.2, -0.25, 1],
    [-0.36, 0.02, 0.92],
    [0.36, -0.06, 0.92],
    [0, 0.12, 0.95]
  ] as const) {
    const placed = place(outline, x, base, turn * 0.4 + lean, height * size)
    if (radius > 6)
      fill(
        canvas,
        [placed.map((value, index) => value + (index % 2 === 0 ? radius * 0.02 : radius * 0.03))],
        [0, 0, 0],
        0.1
      )
    fill(canvas, [placed], (_, py) => ramp(clamp((base - py) / height) * 0.85 + shade + 0.1))
  }
}

/** Many tiny flowers on fine rays, as cow parsley has. */
const umbel = (canvas: Canvas, flower: Flower): void => {
  const { x, y, radius, petals, random } = flower
  const rays = radius > 14 ? 17 : 9
  for (let ray = 0; ray < rays; ray++) {
    const angle = -Math.PI / 2 + lerp(-1.25, 1.25, ray / (rays - 1))
    const length = radius * random.between(0.8, 1.15)
    const tipX = x + Math.cos(angle) * length
    const tipY = y + radius * 0.5 + Math.sin(angle) * length
    strokeSegment(canvas, x, y + radius * 0.5, tipX, tipY, Math.max(0.3, radius * 0.012), petals[0], 0.7)
    for (let dot = 0; dot < 6; dot++) {
      const size = Math.max(0.5, radius * random.between(0.035, 0.07))
      fill(
        canvas,
        [circle(tipX + random.between(-0.11, 0.11) * radius, tipY + random.between(-0.09, 0.09) * radius, size)],
        dot % 2 === 0 ? petals[2] : petals[1]
      )
    }
  }
}

export const flowerHeads = { dahlia, daisy, poppy, tulip, umbel } as const
