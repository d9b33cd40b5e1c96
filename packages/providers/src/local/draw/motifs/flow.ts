import { paintAll, strokeSegment } from "../Canvas.ts"
import { createRamp, lerp, mix, smoothstep } from "../Colour.ts"
import { createNoise, fractal, sampleField } from "../Noise.ts"
import type { Random } from "../Random.ts"
import type { Motif, Scene } from "../Scene.ts"

/** Threads that follow a current without crossing, close together, of changing weight and colour. */
export const flow: Motif = (scene) => {
  const { canvas, night, sparse } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("flow")
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const dark = night || random.chance(0.55)
  const paper = dark ? mix(shade, [0, 0, 0], 0.25) : mix(glow, pale, 0.2)
  paintAll(canvas, () => paper)
  const threads = dark
    ? createRamp([mix(deep, middle, 0.3), middle, mix(middle, accent, 0.7), accent, pale, glow])
    : createRamp([mix(pale, accent, 0.4), accent, mix(accent, middle, 0.5), middle, deep, shade])
  const noise = createNoise(random)
  const scale = random.between(0.75, 1.05) / unit
  const curl = random.between(1.1, 1.5)
  const angleAt = sampleField(width, height, Math.max(1, Math.round(unit / 128)), (x, y) => {
    const bend = fractal(noise, x * scale * 0.7 + 40, y * scale * 0.7, 2)
    return (fractal(noise, x * scale + bend * 0.5, y * scale - bend * 0.5, 2) + 0.1) * Math.PI * curl
  })
  const toneAt = sampleField(
    width,
    height,
    Math.max(1, Math.round(unit / 64)),
    (x, y) => fractal(noise, x * scale * 0.9 - 20, y * scale * 0.9 + 11, 2) * 0.5 + 0.5
  )
  const spacing = Math.max(2.2, unit * (sparse ? 0.016 : 0.0088))
  drawThreads(scene, random, {
    angleAt,
    spacing,
    draw: (line) =>
      paintThread(scene, line, spacing, random, (x, y, jitter) =>
        threads(smoothstep(0.12, 0.88, toneAt(x, y)) + jitter)
      )
  })
}

interface Threads {
  readonly angleAt: (x: number, y: number) => number
  readonly spacing: number
  readonly draw: (line: ReadonlyArray<number>) => void
}

/** Grows threads from scattered seeds until each would come too close to one before it. */
const drawThreads = (scene: Scene, random: Random, { angleAt, spacing, draw }: Threads): void => {
  const { width, height, unit } = scene.canvas
  const columns = Math.ceil(width / spacing) + 1
  const rows = Math.ceil(height / spacing) + 1
  const owner = new Int32Array(columns * rows)
  const step = spacing * 0.5
  const longest = Math.round((unit * 0.62) / step)
  const cellOf = (x: number, y: number): number => Math.floor(y / spacing) * columns + Math.floor(x / spacing)
  const grow = (x: number, y: number, direction: number, thread: number): Array<number> => {
    const line: Array<number> = []
    for (let count = 0; count < longest; count++) {
      const angle = angleAt(x, y)
      x += Math.cos(angle) * step * direction
      y += Math.sin(angle) * step * direction
      if (x < -spacing || y < -spacing || x > width + spacing || y > height + spacing) break
      const cell = x < 0 || y < 0 || x >= width || y >= height ? -1 : cellOf(x, y)
      if (cell >= 0 && owner[cell] !== 0 && owner[cell] !== thread) break
      if (cell >= 0) owner[cell] = thread
      line.push(x, y)
    }
    return line
  }
  const cells = columns * rows
  const seeds = shuffled(random, cells)
  let thread = 0
  for (const cell of seeds) {
    if (owner[cell] !== 0) continue
    const x = ((cell % columns) + 0.5) * spacing
    const y = (Math.floor(cell / columns) + 0.5) * spacing
    thread += 1
    owner[cell] = thread
    const back = grow(x, y, -1, thread)
    const line: Array<number> = []
    for (let index = back.length - 2; index >= 0; index -= 2) line.push(back[index] ?? x, back[index + 1] ?? y)
    line.push(x, y, ...grow(x, y, 1, thread))
    if (line.length >= 16) draw(line)
  }
}

const shuffled = (random: Random, count: number): Int32Array => {
  const order = Int32Array.from({ length: count }, (_, index) => index)
  for (let index = count - 1; index > 0; index--) {
    const other = random.integer(0, index)
    const kept = order[index] ?? 0
    order[index] = order[other] ?? 0
    order[other] = kept
  }
  return order
}

const paintThread = (
  scene: Scene,
  line: ReadonlyArray<number>,
  spacing: number,
  random: Random,
  colourAt: (x: number, y: number, jitter: number) => readonly [number, number, number]
): void => {
  const points = line.length / 2
  const weight = spacing * lerp(0.2, 0.44, random.next() ** 0.8)
  const jitter = random.between(-0.12, 0.12)
  const startX = line[points & ~1] ?? 0
  const colour = colourAt(startX, line[(points & ~1) + 1] ?? 0, jitter)
  for (let point = 0; point + 1 < points; point++) {
    const along = point / (points - 1)
    const taper = Math.min(1, Math.sin(along * Math.PI) * 2.4 + 0.12)
    const index = point * 2
    strokeSegment(
      scene.canvas,
      line[index] ?? 0,
      line[index + 1] ?? 0,
      line[index + 2] ?? 0,
      line[index + 3] ?? 0,
      weight * taper,
      colour
    )
  }
}
