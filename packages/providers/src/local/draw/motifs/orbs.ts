import { addAt, blendAt, paintAll, strokeSegment } from "../Canvas.ts"
import { clamp, createRamp, lerp, mix, type Rgb, smoothstep } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import type { Motif, Scene } from "../Scene.ts"

interface Orb {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly from: Rgb
  readonly to: Rgb
  /** The direction in which the colour runs, radians. */
  readonly turn: number
}

/** Large discs whose colour fades across them, over a drifting ground, tied together by fine circles. */
export const orbs: Motif = (scene) => {
  const { canvas, sparse } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("orbs")
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const dark = scene.night || random.chance(0.55)
  const ground = dark
    ? createRamp([mix(shade, [0, 0, 0], 0.2), shade, mix(shade, deep, 0.8), mix(deep, middle, 0.5)])
    : createRamp([glow, mix(glow, pale, 0.5), pale, mix(pale, accent, 0.4)])
  const noise = createNoise(random)
  const drift = sampleField(width, height, Math.max(1, Math.round(unit / 64)), (x, y) =>
    fractal(noise, (x / unit) * 0.9, (y / unit) * 0.9, 2)
  )
  paintAll(canvas, (x, y) => ground(0.25 + (y / height) * 0.5 + drift(x, y) * 0.35))
  const pairs: readonly [readonly [Rgb, Rgb], ...ReadonlyArray<readonly [Rgb, Rgb]>] = [
    [accent, middle],
    [pale, accent],
    [middle, deep],
    [glow, pale]
  ]
  const longer = Math.max(width, height)
  const count = Math.round((sparse ? 2 : 4) * Math.sqrt(longer / unit)) + 1
  const list: Array<Orb> = []
  const shift = random.integer(0, 2)
  const side = random.chance(0.5) ? 1 : -1
  for (let index = 0; index < count; index++) {
    // Sizes fall by a constant share: one rules, the others answer.
    const radius = unit * 0.33 * 0.68 ** ((index + shift) % 5) * random.between(0.9, 1.1)
    const along = ((index + 0.5 + random.between(-0.35, 0.35)) / count) * 0.9 + 0.05
    const [from, to] = pairs[(index + shift) % pairs.length] ?? pairs[0]
    const cross = 0.5 + (index % 2 === 0 ? side : -side) * random.between(0.03, 0.28)
    const x = width >= height ? along * width : cross * width
    const y = width >= height ? cross * height : along * height
    list.push({ x, y, radius, from, to, turn: random.between(0, Math.PI * 2) })
  }
  for (const orb of list) paintOrb(scene, orb, dark)
  for (const orb of list.slice(0, 3)) paintCircle(scene, orb, orb.radius * random.between(1.2, 1.7), dark ? pale : deep)
}

const paintOrb = (scene: Scene, orb: Orb, dark: boolean): void => {
  const { canvas } = scene
  const { x, y, radius } = orb
  const ramp = createRamp([orb.from, mix(orb.from, orb.to, 0.5), orb.to])
  const cosine = Math.cos(orb.turn) / (radius * 2)
  const sine = Math.sin(orb.turn) / (radius * 2)
  const halo = radius * 1.7
  for (let row = Math.max(0, Math.floor(y - halo)); row < Math.min(canvas.height, y + halo); row++) {
    for (let column = Math.max(0, Math.floor(x - halo)); column < Math.min(canvas.width, x + halo); column++) {
      const dx = column + 0.5 - x
      const dy = row + 0.5 - y
      const distance = Math.sqrt(dx * dx + dy * dy)
      const offset = (row * canvas.width + column) * 3
      if (distance > radius) {
        const strength = smoothstep(halo, radius, distance)
        if (dark) addAt(canvas, offset, orb.from, strength * strength * 0.16)
        else blendAt(canvas, offset, orb.to, strength * strength * 0.14)
      }
      const coverage = clamp(radius - distance + 0.5)
      if (coverage <= 0) continue
      const along = dx * cosine + dy * sine + 0.5
      // One edge melts into the ground: the disc is glass, not a sticker.
      blendAt(canvas, offset, ramp(along), coverage * lerp(1, 0.22, smoothstep(0.35, 1, along)))
    }
  }
}

const paintCircle = (scene: Scene, orb: Orb, radius: number, colour: Rgb): void => {
  const { canvas } = scene
  const pieces = 140
  const thin = Math.max(0.4, canvas.unit * 0.0011)
  const point = (piece: number) =>
    [
      orb.x + Math.cos((piece / pieces) * Math.PI * 2) * radius,
      orb.y + Math.sin((piece / pieces) * Math.PI * 2) * radius
    ] as const
  for (let piece = 0; piece < pieces; piece++) {
    const [fromX, fromY] = point(piece)
    const [toX, toY] = point(piece + 1)
    strokeSegment(canvas, fromX, fromY, toX, toY, thin, colour, 0.7)
  }
}
