import { addGlow, strokeSegment } from "../Canvas.ts"
import { clamp, mix, type Rgb } from "../Colour.ts"
import type { Scene } from "../Scene.ts"
import { fill } from "../Shape.ts"

const sides = 8

/** A brilliant-cut stone seen from above: table, stars, kites and girdle, each facet with its own share of the light. */
export const paintGem = (scene: Scene, x: number, y: number, radius: number): void => {
  const { canvas } = scene
  const random = scene.random.fork("gem")
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const turn = random.between(0, Math.PI / sides)
  const at = (distance: number, step: number): readonly [number, number] => {
    const angle = turn + (step / sides) * Math.PI * 2
    return [x + Math.cos(angle) * radius * distance, y + Math.sin(angle) * radius * distance]
  }
  const tone = (angle: number, lift: number): Rgb => {
    // A cut stone flashes: neighbours differ sharply, though the upper left stays the brightest.
    const value = clamp(0.45 + 0.3 * Math.cos(angle + 2.3) + lift + random.between(-0.22, 0.22))
    if (value < 0.35) return mix(mix(shade, deep, 0.5), middle, value / 0.35)
    if (value < 0.7) return mix(middle, accent, (value - 0.35) / 0.35)
    return mix(accent, mix(pale, glow, 0.5), (value - 0.7) / 0.3)
  }
  const facet = (points: ReadonlyArray<readonly [number, number]>, lift: number): void => {
    const centreX = points.reduce((sum, [px]) => sum + px, 0) / points.length
    const centreY = points.reduce((sum, [, py]) => sum + py, 0) / points.length
    const first = tone(Math.atan2(centreY - y, centreX - x), lift)
    const second = mix(first, random.chance(0.5) ? glow : deep, 0.28)
    const reach = radius * 0.35
    const slant = random.between(0, Math.PI)
    const cosine = Math.cos(slant)
    const sine = Math.sin(slant)
    const paint = (px: number, py: number): Rgb =>
      mix(first, second, clamp(((px - centreX) * cosine + (py - centreY) * sine) / reach + 0.5))
    fill(canvas, [points.flat()], paint)
    points.forEach(([fromX, fromY], index) => {
      const [toX, toY] = points[(index + 1) % points.length] ?? [fromX, fromY]
      strokeSegment(canvas, fromX, fromY, toX, toY, Math.max(0.3, canvas.unit * 0.0007), mix(pale, glow, 0.7), 0.5)
    })
  }
  for (let step = 0; step < sides; step++) {
    facet([at(1, step), at(0.985, step + 0.5), at(0.74, step + 0.5)], -0.12)
    facet([at(0.985, step + 0.5), at(1, step + 1), at(0.74, step + 0.5)], -0.02)
    facet([at(1, step), at(0.74, step + 0.5), at(0.56, step), at(0.74, step - 0.5)], 0.04)
    facet([at(0.56, step), at(0.74, step + 0.5), at(0.56, step + 1)], 0.14)
  }
  for (let step = 0; step < sides; step++) {
    // Under the table one sees the pavilion, mirrored and broken.
    facet([at(0, 0), at(0.56, step), at(0.52, step + 0.5)], 0.02)
    facet([at(0, 0), at(0.52, step + 0.5), at(0.56, step + 1)], -0.1)
  }
  const rim = Array.from({ length: sides }, (_, step) => at(0.56, step)).flat()
  fill(canvas, [rim], mix(pale, glow, 0.5), 0.14)
  for (const [distance, step] of [
    [0.56, 5],
    [1, 5.5],
    [0.74, 4.5]
  ] as const) {
    const [px, py] = at(distance, step)
    addGlow(canvas, px, py, radius * 0.03, glow, 0.9)
    for (const angle of [0, Math.PI / 2]) {
      const dx = Math.cos(angle) * radius * 0.16
      const dy = Math.sin(angle) * radius * 0.16
      strokeSegment(canvas, px - dx, py - dy, px + dx, py + dy, canvas.unit * 0.0007, glow, 0.7)
    }
  }
}
