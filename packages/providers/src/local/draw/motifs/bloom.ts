import { paintAll, strokeSegment } from "../Canvas.ts"
import { adjust, clamp, createRamp, fromOklch, lerp, mix, type Rgb } from "../Colour.ts"
import type { Random } from "../Random.ts"
import { has, type Motif, type Scene } from "../Scene.ts"
import { type Contour, circle, curveTo, fill, place } from "../Shape.ts"
import { type Flower, flowerHeads, petalOutline } from "./flowers.ts"

/** A garden seen from the side: stems rise from below to large heads before smaller ones, before a pale disc. */
export const bloom: Motif = (scene) => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("bloom")
  const dark = scene.night || random.chance(0.4)
  const ground = paintGround(scene, random, dark)
  const rows: ReadonlyArray<Row> = [
    { depth: 0.78, radius: [0.028, 0.045], gap: 0.085, top: 0.2, bottom: 0.62, filler: 0.55 },
    { depth: 0.4, radius: [0.055, 0.085], gap: 0.15, top: 0.28, bottom: 0.72, filler: 0.35 },
    { depth: 0, radius: [0.12, 0.175], gap: 0.3, top: 0.34, bottom: 0.72, filler: 0 }
  ]
  const species = chooseSpecies(scene, random)
  for (const [index, row] of rows.entries()) {
    const heads = arrange(scene, random.fork(`row ${index}`), row)
    for (const head of heads) paintStem(scene, random, head, height, row, ground, dark)
    for (const head of heads) {
      const kind = row.filler > 0 && random.chance(row.filler) ? species.filler : random.pick(species.heads)
      const { petals, heart } = coloursOf(scene, random, row.depth, ground, dark)
      const flower: Flower = {
        x: head.x,
        y: head.y,
        radius: head.radius,
        tilt: random.between(0.78, 1),
        turn: random.between(-0.35, 0.35),
        petals,
        heart,
        random
      }
      flowerHeads[kind](canvas, flower)
    }
  }
  paintGrass(scene, random.fork("grass"), unit, width, ground, dark)
}

interface Row {
  /** How far off: 1 is lost in the background. */
  readonly depth: number
  /** Least and largest radius, as shares of the unit. */
  readonly radius: readonly [number, number]
  readonly gap: number
  readonly top: number
  readonly bottom: number
  /** Share of heads that are of the small kind. */
  readonly filler: number
}

interface Head {
  readonly x: number
  readonly y: number
  readonly radius: number
}

type Kind = keyof typeof flowerHeads

const chooseSpecies = (
  scene: Scene,
  random: Random
): { readonly heads: readonly [Kind, ...ReadonlyArray<Kind>]; readonly filler: Kind } => {
  if (has(scene, "tulip")) return { heads: ["tulip"], filler: "umbel" }
  if (has(scene, "daisy", "sunflower", "girasol", "tournesol", "girasole")) return { heads: ["daisy"], filler: "daisy" }
  if (has(scene, "poppy")) return { heads: ["poppy"], filler: "umbel" }
  if (has(scene, "dahlia", "peony", "lotus", "rose", "rosa")) return { heads: ["dahlia"], filler: "umbel" }
  const mixes: readonly [readonly [Kind, Kind, Kind], ...ReadonlyArray<readonly [Kind, Kind, Kind]>] = [
    ["dahlia", "poppy", "daisy"],
    ["poppy", "daisy", "poppy"],
    ["dahlia", "daisy", "tulip"]
  ]
  return { heads: random.pick(mixes), filler: "umbel" }
}

const paintGround = (scene: Scene, random: Random, dark: boolean): Rgb => {
  const { canvas } = scene
  const { width, height, unit } = canvas
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const top = dark ? mix(shade, [0, 0, 0], 0.2) : mix(glow, pale, 0.25)
  const bottom = dark ? mix(deep, shade, 0.35) : mix(pale, accent, 0.3)
  const ramp = createRamp([top, bottom])
  paintAll(canvas, (_, y) => ramp(y / height))
  const disc = dark ? mix(deep, middle, 0.65) : mix(pale, accent, 0.55)
  const x = width * random.between(0.36, 0.64)
  fill(
    canvas,
    [circle(x, Math.max(unit * 0.4, height * 0.4), unit * (scene.sparse ? 0.3 : 0.36))],
    disc,
    dark ? 0.75 : 0.7
  )
  return mix(top, bottom, 0.5)
}

/** Heads apart from one another, the larger first; the middle of the picture rises higher than its sides. */
const arrange = (scene: Scene, random: Random, row: Row): ReadonlyArray<Head> => {
  const { width, height, unit } = scene.canvas
  const heads: Array<Head> = []
  const wanted = Math.max(
    2,
    Math.round((width / unit) * (1 / row.gap) * (scene.sparse ? 0.5 : row.depth === 0 ? 1.15 : 1.5))
  )
  for (let attempt = 0; attempt < wanted * 30 && heads.length < wanted; attempt++) {
    const radius = unit * random.between(...row.radius) * (heads.length === 0 && row.depth === 0 ? 1.2 : 1)
    const x = random.between(-0.02, 1.02) * width
    const side = Math.abs(x / width - 0.5) * 2
    const y = height * lerp(row.top, row.bottom, clamp(random.next() * 0.8 + side * 0.3))
    if (
      heads.every(
        (head) => Math.hypot(head.x - x, head.y - y) > (head.radius + radius) * (row.depth === 0 ? 0.96 : 1.05)
      )
    )
      heads.push({ x, y, radius })
  }
  return heads.sort((one, other) => one.y - other.y)
}

/** A green that belongs to the palette: its lightness and some of its hue come from there. */
const greenOf = (scene: Scene, random: Random, dark: boolean): Rgb => {
  const [shade, deep, middle] = scene.palette.tones
  const leaf = fromOklch(dark ? 0.42 : 0.45, 0.085, random.between(128, 158))
  return mix(leaf, dark ? mix(deep, middle, 0.4) : mix(shade, deep, 0.7), random.between(0.3, 0.5))
}

const paintStem = (
  scene: Scene,
  random: Random,
  head: Head,
  bottom: number,
  row: Row,
  ground: Rgb,
  dark: boolean
): void => {
  const { canvas } = scene
  const { unit } = canvas
  const green = mix(greenOf(scene, random, dark), ground, row.depth * 0.72)
  const footX = head.x + random.between(-0.1, 0.1) * unit
  const bendX = head.x + random.between(-0.05, 0.05) * unit
  const line: Array<number> = [footX, bottom + unit * 0.05]
  curveTo(line, footX, lerp(bottom, head.y, 0.4), bendX, lerp(bottom, head.y, 0.7), head.x, head.y, 22)
  const thick = Math.max(0.5, head.radius * 0.042 + unit * 0.0006)
  for (let index = 0; index + 3 < line.length; index += 2) {
    strokeSegment(
      canvas,
      line[index] ?? 0,
      line[index + 1] ?? 0,
      line[index + 2] ?? 0,
      line[index + 3] ?? 0,
      thick,
      green
    )
  }
  const leaves = row.depth > 0.6 ? 1 : row.depth > 0 ? 2 : 4
  for (let leaf = 0; leaf < leaves; leaf++) {
    const point = 2 * Math.floor(random.between(0.3, 0.8) * (line.length / 2 - 1))
    const side = leaf % 2 === 0 ? 1 : -1
    const length = Math.min(unit * 0.26, head.radius * random.between(1.3, 2.1))
    const turn = side * random.between(0.6, 1.15)
    const x = line[point] ?? head.x
    const y = line[point + 1] ?? head.y
    paintLeaf(scene, x, y, turn, length, mix(green, ground, random.between(0, 0.12)))
  }
}

const leafOutline: Contour = petalOutline(0.2, 0.35, 0)

const paintLeaf = (scene: Scene, x: number, y: number, turn: number, length: number, colour: Rgb): void => {
  const { canvas } = scene
  const light = mix(colour, scene.palette.tones[4], 0.2)
  const axisX = Math.sin(turn)
  const axisY = -Math.cos(turn)
  // The two halves of a leaf catch the light differently: the vein is where they meet.
  const paint = (px: number, py: number): Rgb => ((px - x) * axisY - (py - y) * axisX > 0 ? colour : light)
  fill(canvas, [place(leafOutline, x, y, turn, length)], paint)
}

const coloursOf = (
  scene: Scene,
  random: Random,
  depth: number,
  ground: Rgb,
  dark: boolean
): { readonly petals: readonly [Rgb, Rgb, Rgb]; readonly heart: Rgb } => {
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const light: readonly [readonly [Rgb, Rgb, Rgb], ...ReadonlyArray<readonly [Rgb, Rgb, Rgb]>] = [
    [adjust(accent, -0.12, 1.3), accent, mix(accent, pale, 0.6)],
    [accent, mix(accent, pale, 0.6), mix(pale, glow, 0.55)],
    [mix(accent, pale, 0.4), mix(pale, glow, 0.35), glow]
  ]
  // Green petals read as leaves: a palette with green middle tones lends its lights only.
  const [inner, body, tip] = random.pick(
    isGreen(middle)
      ? light
      : ([
          ...light,
          [mix(deep, middle, 0.6), mix(middle, accent, 0.35), accent],
          [deep, middle, mix(middle, accent, 0.75)]
        ] as const)
  )
  const away = (colour: Rgb): Rgb => mix(colour, ground, depth * 0.7)
  return {
    petals: [away(inner), away(body), away(tip)],
    heart: away(dark ? mix(accent, glow, 0.5) : mix(shade, deep, 0.4))
  }
}

const isGreen = ([red, green, blue]: Rgb): boolean => green > red * 1.1 && green > blue * 1.1

/** Blades in front, out of the lower edge: they close the picture. */
const paintGrass = (scene: Scene, random: Random, unit: number, width: number, ground: Rgb, dark: boolean): void => {
  const { canvas } = scene
  const count = Math.round((width / unit) * (scene.sparse ? 14 : 44))
  for (let blade = 0; blade < count; blade++) {
    const x = random.between(-0.02, 1.02) * width
    const length = unit * random.between(0.06, 0.24)
    const lean = random.between(-0.35, 0.35)
    const wide = unit * random.between(0.003, 0.008)
    const base = canvas.height + unit * 0.01
    const tipX = x + lean * length
    const outline: Array<number> = [x - wide, base]
    curveTo(
      outline,
      x - wide,
      base - length * 0.5,
      tipX - lean * length * 0.4,
      base - length * 0.8,
      tipX,
      base - length
    )
    curveTo(outline, tipX - lean * length * 0.3, base - length * 0.75, x + wide, base - length * 0.5, x + wide, base)
    fill(canvas, [outline], mix(greenOf(scene, random, dark), ground, random.between(0, 0.35)))
  }
}
