import { adjust, clamp, fromHex, mix, type Rgb, smoothstep, toOklab } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import type { Scene } from "../Scene.ts"
import { type Finish, insideMargin, pixelNoise, writeColour } from "./Finish.ts"
import { depthIn, type InkStack, stackOf } from "./InkStack.ts"

/** A way to print: what the inks are and how exactly they are laid down. Lengths are shares of the shorter side. */
export interface Press {
  readonly stack: (scene: Scene) => InkStack
  /** `dots` is a halftone screen, `grain` a random one. */
  readonly screen: "dots" | "grain"
  /** Distance between dots. */
  readonly cell: number
  /** How much of the way between two inks is screened: 0 gives hard bands, 1 a smooth tone. */
  readonly softness: number
  /** How far an ink may be off its place. */
  readonly misregistration: number
  /** Bare paper around the picture. */
  readonly margin: number
  /** 1 covers what is below; less lets it show through, as thin inks do. */
  readonly opacity: number
  /** How patchy the ink lies, 0 to 1. */
  readonly wear: number
}

interface Plate {
  readonly ink: Rgb
  readonly shiftX: number
  readonly shiftY: number
  readonly cosine: number
  readonly sine: number
}

const makePlates = (scene: Scene, press: Press, inks: ReadonlyArray<Rgb>): ReadonlyArray<Plate> => {
  const random = scene.random.fork("press")
  const reach = scene.canvas.unit * press.misregistration
  return inks.map((ink, index) => {
    const direction = random.between(0, Math.PI * 2)
    // Angles of neighbouring plates are far apart, or their dots would beat against each other.
    const angle = ((15 + index * 33) * Math.PI) / 180
    // The darkest ink is the key: it is in place, the others are off against it.
    const distance = index === inks.length - 1 ? 0 : reach * random.between(0.6, 1.15)
    return {
      ink,
      shiftX: Math.round(Math.cos(direction) * distance),
      shiftY: Math.round(Math.sin(direction) * distance),
      cosine: Math.cos(angle),
      sine: Math.sin(angle)
    }
  })
}

const measureDepths = (scene: Scene, stack: InkStack): Float32Array => {
  const { pixels, width, height } = scene.canvas
  const depth = depthIn(stack)
  const depths = new Float32Array(width * height)
  for (let index = 0, offset = 0; index < depths.length; index++, offset += 3) {
    depths[index] = depth(pixels[offset] ?? 0, pixels[offset + 1] ?? 0, pixels[offset + 2] ?? 0)
  }
  return depths
}

/** Prints the canvas: every tone becomes a stack of flat inks, each laid down a little off, on grained paper. */
export const print =
  (press: Press): Finish =>
  (scene) => {
    const { canvas } = scene
    const { width, height, unit } = canvas
    const stack = press.stack(scene)
    const [paper, ...inks] = stack
    const plates = makePlates(scene, press, inks)
    const depths = measureDepths(scene, stack)
    const noise = createNoise(scene.random.fork("paper"))
    const step = Math.max(1, Math.round(unit / 340))
    const patches = sampleField(width, height, step, (x, y) => fractal(noise, (x / unit) * 9, (y / unit) * 9, 3))
    const margin = Math.round(unit * press.margin)
    const cell = Math.max(2.5, unit * press.cell)
    const wave = (Math.PI * 2) / cell
    const slack = Math.max(0.1, press.softness * (press.screen === "dots" ? 3.4 / cell : 0.3))
    const fibre = Math.max(1, Math.round(unit / 700))
    const bytes = new Uint8Array(width * height * 3)
    for (let y = 0, offset = 0; y < height; y++) {
      for (let x = 0; x < width; x++, offset += 3) {
        const patch = patches(x, y)
        const tooth = pixelNoise((x / fibre) | 0, (y / fibre) | 0, 7)
        const light = 1 - 0.035 * tooth - 0.02 * pixelNoise(x, (y / 3) | 0, 8)
        let red = paper[0] * light
        let green = paper[1] * light
        let blue = paper[2] * light
        for (let index = 0; index < plates.length; index++) {
          const plate = plates[index]
          if (plate === undefined) break
          const fromX = x - plate.shiftX
          const fromY = y - plate.shiftY
          let coverage = 1
          if (margin > 0) coverage = clamp(insideMargin(canvas, margin, fromX, fromY) + patch * unit * 0.0012)
          if (coverage <= 0) continue
          const column = fromX < 0 ? 0 : fromX >= width ? width - 1 : fromX
          const row = fromY < 0 ? 0 : fromY >= height ? height - 1 : fromY
          const depth = depths[row * width + column] ?? 0
          const over = depth - index - 0.5
          if (over < -0.5 * press.softness - slack) break
          const threshold =
            press.screen === "dots"
              ? 0.25 *
                (Math.cos((x * plate.cosine + y * plate.sine) * wave) +
                  Math.cos((y * plate.cosine - x * plate.sine) * wave))
              : pixelNoise((x / fibre) | 0, (y / fibre) | 0, 20 + index) - 0.5
          coverage *= clamp((over - threshold * press.softness) / slack + 0.5)
          const bare = smoothstep(
            0.93 - press.wear * 0.12 - patch * press.wear * 0.16,
            1,
            pixelNoise((x / fibre) | 0, (y / fibre) | 0, 30 + index)
          )
          const density = (1 - bare * 0.75 * press.wear) * (1 - 0.1 * press.wear * (tooth + patch * 0.8))
          const amount = coverage * density
          const cover = amount * press.opacity
          const tint = amount - cover
          const [inkRed, inkGreen, inkBlue] = plate.ink
          red = (red + (inkRed - red) * cover) * (1 - tint + tint * inkRed)
          green = (green + (inkGreen - green) * cover) * (1 - tint + tint * inkGreen)
          blue = (blue + (inkBlue - blue) * cover) * (1 - tint + tint * inkBlue)
        }
        writeColour(bytes, offset, red, green, blue)
      }
    }
    return bytes
  }

const paperOf = (scene: Scene): Rgb => mix(scene.palette.tones[5], [0.94, 0.89, 0.78], 0.45)

/** Five opaque inks, hard edges, a fine screen only where tones meet, a white border. */
export const screenprint = print({
  stack: (scene) =>
    stackOf(
      paperOf(scene),
      scene.palette.tones.slice(0, 5).map((tone) => adjust(tone, 0, 1.12))
    ),
  screen: "dots",
  cell: 0.0068,
  softness: 0.42,
  misregistration: 0.0024,
  margin: 0.045,
  opacity: 0.96,
  wear: 0.5
})

/** Inks that such printers are sold with. */
const lightInks = [fromHex("#ffd84a"), fromHex("#ffb3a7"), fromHex("#8fd6c4"), fromHex("#b8dcf2")] as const
const brightInks = [
  fromHex("#ff4c65"),
  fromHex("#ff7a3d"),
  fromHex("#f04e98"),
  fromHex("#00a95c"),
  fromHex("#1a8fd1")
] as const
const darkInks = [
  fromHex("#2f4ea1"),
  fromHex("#5b4a9c"),
  fromHex("#00656d"),
  fromHex("#8a2f5c"),
  fromHex("#33373d")
] as const

const nearestInk = (inks: readonly [Rgb, ...ReadonlyArray<Rgb>], wanted: Rgb): Rgb => {
  const [, a, b] = toOklab(wanted)
  const distance = (ink: Rgb) => {
    const [, inkA, inkB] = toOklab(ink)
    return (inkA - a) ** 2 + (inkB - b) ** 2
  }
  return inks.reduce((best, ink) => (distance(ink) < distance(best) ? ink : best), inks[0])
}

/** Three thin inks that mix where they overlap, in a random grain, well off their places. */
export const risograph = print({
  stack: (scene) => {
    const [shade, deep, , accent, pale, glow] = scene.palette.tones
    return stackOf(mix(glow, [0.9, 0.87, 0.79], 0.75), [
      nearestInk(lightInks, pale),
      nearestInk(brightInks, adjust(accent, 0, 1.4)),
      nearestInk(darkInks, adjust(mix(shade, deep, 0.75), 0.1, 1.6))
    ])
  },
  screen: "grain",
  cell: 0.004,
  softness: 0.9,
  misregistration: 0.0055,
  margin: 0.035,
  opacity: 0.45,
  wear: 0.8
})

/** Coarse dots of pure colour, as in an enlarged comic. */
export const popart = print({
  stack: (scene) =>
    stackOf(
      [0.96, 0.93, 0.86],
      scene.palette.tones.slice(0, 5).map((tone) => adjust(tone, 0.02, 1.5))
    ),
  screen: "dots",
  cell: 0.019,
  softness: 1,
  misregistration: 0.002,
  margin: 0,
  opacity: 0.95,
  wear: 0.25
})
