import { Delaunay } from "d3-delaunay"
import { addAt, addGlow, type Canvas, strokeSegment } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix, type Ramp, type Rgb } from "../Colour.ts"
import { createNoise, fractal, tabulate } from "../Noise.ts"
import type { Random } from "../Random.ts"
import { has, type Motif, type Scene } from "../Scene.ts"
import { type Contour, fill, place } from "../Shape.ts"
import { paintGem } from "./gem.ts"

/** A cave of crystals that all point to a light in its middle; a single cut stone when the words name one. */
export const crystal: Motif = (scene) => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("crystal")
  const x = width * random.between(0.44, 0.56)
  const y = height * random.between(0.4, 0.5)
  paintWalls(scene, random.fork("walls"), x, y)
  paintHeart(scene, x, y)
  if (
    has(
      scene,
      "gem",
      "gemstone",
      "diamond",
      "jewel",
      "ruby",
      "emerald",
      "sapphire",
      "gema",
      "diamante",
      "diamant",
      "edelstein",
      "gemma"
    )
  ) {
    paintGem(scene, width / 2, height * 0.5, unit * 0.36)
  } else {
    for (const layer of [0, 0.5, 1]) paintGrowth(scene, random.fork(`growth ${layer}`), layer, x, y)
  }
  paintSparkles(scene, random.fork("sparkles"), x, y)
}

/** Distances in a long picture are shorter along it, so that its light is long too. */
const stretchOf = ({ width, height, unit }: Canvas) => ({
  x: 1 / (unit + (width - unit) * 0.7),
  y: 1 / (unit + (height - unit) * 0.7)
})

/** Rough triangles behind everything, brighter towards the light. */
const paintWalls = (scene: Scene, random: Random, lightX: number, lightY: number): void => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const ramp = createRamp([
    mix(shade, [0, 0, 0], 0.35),
    shade,
    deep,
    middle,
    mix(middle, accent, 0.7),
    mix(accent, pale, 0.7),
    mix(pale, glow, 0.5)
  ])
  const noise = createNoise(random)
  const gap = unit * 0.085
  const stretch = stretchOf(canvas)
  const points: Array<Corner> = []
  for (let y = -gap; y < height + gap * 2; y += gap) {
    for (let x = -gap; x < width + gap * 2; x += gap)
      points.push([x + random.between(-0.48, 0.48) * gap, y + random.between(-0.48, 0.48) * gap])
  }
  const { triangles } = Delaunay.from(points)
  const grow = unit * 0.0012
  for (let index = 0; index + 2 < triangles.length; index += 3) {
    const a = points[triangles[index] ?? 0]
    const b = points[triangles[index + 1] ?? 0]
    const c = points[triangles[index + 2] ?? 0]
    if (a === undefined || b === undefined || c === undefined) continue
    const x = (a[0] + b[0] + c[0]) / 3
    const y = (a[1] + b[1] + c[1]) / 3
    const distance = Math.hypot((x - lightX) * stretch.x, (y - lightY) * stretch.y)
    const relief = fractal(noise, (x / unit) * 2.4, (y / unit) * 2.4, 3) * 0.12 + random.between(-0.05, 0.05)
    // Each triangle is grown a little, or the background would show through the seams.
    const outline = [a, b, c].flatMap(([px, py]) => [px + Math.sign(px - x) * grow, py + Math.sign(py - y) * grow])
    fill(canvas, [outline], ramp(clamp(0.7 - distance * 1.05 + relief)))
  }
}

const paintHeart = (scene: Scene, x: number, y: number): void => {
  const { canvas } = scene
  const { width, height } = canvas
  const [, , , accent, pale, glow] = scene.palette.tones
  const light = mix(pale, glow, 0.6)
  const stretch = stretchOf(canvas)
  const fall = tabulate(1.6, (distance) => 0.42 * Math.exp(-distance * distance * 34) + 0.2 * Math.exp(-distance * 4.4))
  for (let row = 0, offset = 0; row < height; row++) {
    for (let column = 0; column < width; column++, offset += 3) {
      const strength = fall(Math.hypot((column - x) * stretch.x, (row - y) * stretch.y))
      if (strength < 0.003) continue
      addAt(canvas, offset, light, strength)
      addAt(canvas, offset, accent, strength * 0.3)
    }
  }
}

type Corner = [x: number, y: number]

interface Spot {
  readonly x: number
  readonly y: number
}

/** Places along the border, in order, about a gap apart. */
const along = (width: number, height: number, gap: number, random: Random): ReadonlyArray<Spot> => {
  const spots: Array<Spot> = []
  for (let x = -gap / 2; x < width + gap; x += gap * random.between(0.6, 1.4))
    spots.push({ x, y: height }, { x: width - x, y: 0 })
  for (let y = gap; y < height; y += gap * random.between(0.6, 1.4))
    spots.push({ x: 0, y }, { x: width, y: height - y })
  return spots
}

const paintGrowth = (scene: Scene, random: Random, layer: number, x: number, y: number): void => {
  const { width, height, unit } = scene.canvas
  const spots = along(width, height, Math.max(9, unit * lerp(0.135, 0.18, layer) * (scene.sparse ? 1.6 : 1)), random)
  for (const spot of spots) {
    const towards = Math.atan2(y - spot.y, x - spot.x)
    const floor = spot.y >= height ? 1.25 : spot.y <= 0 ? 0.72 : 0.85
    const room = Math.min(Math.hypot(x - spot.x, y - spot.y), unit * 0.75)
    const length = room * random.between(lerp(0.5, 0.3, layer), lerp(0.95, 0.68, layer)) * floor
    const halfWidth = Math.min(length * 0.2, unit * 0.06) * random.between(0.55, 1) * lerp(0.75, 1.25, layer)
    // Crystals of one bed are almost parallel: they point at the light, but less than fully.
    const turn = towards + Math.PI / 2 + random.between(-0.42, 0.42)
    const back = unit * 0.05
    paintPrism(
      scene,
      random,
      spot.x - Math.cos(towards) * back,
      spot.y - Math.sin(towards) * back,
      turn,
      length + back,
      halfWidth,
      layer
    )
  }
}

const paintPrism = (
  scene: Scene,
  random: Random,
  x: number,
  y: number,
  turn: number,
  length: number,
  halfWidth: number,
  layer: number
): void => {
  const { canvas } = scene
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const near = 1 - layer
  const dark = mix(mix(shade, deep, 0.2 + near * 0.4), middle, near * 0.25)
  const body = mix(mix(deep, middle, 0.45), accent, near * 0.3)
  const bright = mix(mix(accent, pale, 0.3 + near * 0.4), glow, 0.08 + near * 0.2)
  const shift = random.between(-0.4, 0.4)
  const shoulder = 1 - Math.min(0.45, (halfWidth / length) * random.between(1.5, 2.4))
  const inner = [-random.between(0.2, 0.55), random.between(0.2, 0.6)] as const
  const edges = [-1, inner[0], inner[1], 1] as const
  const heights = [shoulder, shoulder - 0.05, shoulder - 0.03, shoulder + 0.01] as const
  const axisX = Math.sin(turn)
  const axisY = -Math.cos(turn)
  const put = (outline: Contour): Contour => place(outline, x, y, turn, halfWidth, length)
  for (const face of [0, 1, 2] as const) {
    const left = edges[face]
    const right = edges[face + 1] ?? 1
    const leftTop = heights[face]
    const rightTop = heights[face + 1] ?? shoulder
    // Which way the face looks decides its brightness; light comes from the upper left.
    const facing = Math.cos(turn + lerp(-1.1, 1.1, face / 2) + 0.7)
    const value = 0.42 + facing * 0.32
    const ramp = createRamp(
      [
        dark,
        mix(dark, body, 0.4 + value * 0.4),
        mix(body, bright, clamp(value * 0.8)),
        mix(bright, glow, clamp(value - 0.25))
      ],
      96
    )
    const paint = faceShader(ramp, x, y, axisX, axisY, length, value * 0.22 - 0.12)
    fill(canvas, [put([left, 0, right, 0, right, -rightTop, left, -leftTop])], paint, 0.93)
    const tipValue = clamp(value + (face === 0 ? 0.24 : face === 1 ? 0.05 : -0.14))
    fill(
      canvas,
      [put([left, -leftTop, right, -rightTop, shift, -1])],
      mix(mix(body, bright, tipValue), glow, tipValue * 0.35),
      0.95
    )
  }
  for (let flaw = 0; flaw < 3; flaw++) {
    const low = random.between(0.1, 0.6)
    const side = random.between(-0.8, 0.5)
    const outline = [
      side,
      -low,
      side + random.between(0.1, 0.35),
      -low - random.between(0.02, 0.1),
      side + random.between(0, 0.3),
      -low - random.between(0.12, 0.3)
    ]
    if (low + 0.3 < shoulder) fill(canvas, [put(outline)], glow, random.between(0.06, 0.2))
  }
  const thin = Math.max(0.35, canvas.unit * 0.0008)
  const lines: ReadonlyArray<Contour> = [
    [inner[0], -0.1, inner[0], -heights[1]],
    [inner[1], -0.1, inner[1], -heights[2]],
    [-1, -heights[0], shift, -1],
    [inner[0], -heights[1], shift, -1],
    [inner[1], -heights[2], shift, -1],
    [-1, -heights[0], inner[0], -heights[1]],
    [inner[0], -heights[1], inner[1], -heights[2]]
  ]
  for (const line of lines) {
    const [fromX = 0, fromY = 0, toX = 0, toY = 0] = put(line)
    strokeSegment(canvas, fromX, fromY, toX, toY, thin, mix(bright, glow, 0.6), 0.55)
  }
}

const faceShader =
  (ramp: Ramp, x: number, y: number, axisX: number, axisY: number, length: number, lift: number) =>
  (px: number, py: number): Rgb =>
    ramp(((px - x) * axisX + (py - y) * axisY) / length + lift)

const paintSparkles = (scene: Scene, random: Random, x: number, y: number): void => {
  const { canvas } = scene
  const { unit } = canvas
  const glow = scene.palette.tones[5]
  const count = scene.sparse ? 16 : 46
  for (let spark = 0; spark < count; spark++) {
    const angle = random.between(0, Math.PI * 2)
    const far = unit * 0.5 * random.next() ** 0.7
    addGlow(
      canvas,
      x + Math.cos(angle) * far,
      y + Math.sin(angle) * far,
      Math.max(0.7, unit * random.between(0.0008, 0.003)),
      glow,
      random.between(0.2, 0.8)
    )
  }
}
