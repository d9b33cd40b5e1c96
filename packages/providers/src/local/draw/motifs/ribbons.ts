import { blendAt, paintAll } from "../Canvas.ts"
import { adjust, clamp, createRamp, lerp, mix, type Rgb } from "../Colour.ts"
import { createNoise, fractal } from "../Noise.ts"
import type { Motif } from "../Scene.ts"

/** Broad folds of cloth, one over the other, each lit along its edge and shading the next. */
export const ribbons: Motif = (scene) => {
  const { canvas, sparse, flat } = scene
  const { width, height, unit } = canvas
  const random = scene.random.fork("ribbons")
  const noise = createNoise(random)
  const [shade, deep, middle, accent, pale, glow] = scene.palette.tones
  const stops: readonly [Rgb, ...ReadonlyArray<Rgb>] = [
    glow,
    pale,
    accent,
    mix(accent, middle, 0.6),
    middle,
    deep,
    mix(deep, shade, 0.6)
  ]
  const upward = random.chance(0.35)
  const ramp = createRamp(upward ? [mix(deep, shade, 0.5), deep, middle, accent, pale, glow] : stops)
  const slant = random.between(-0.5, 0.5)
  // Folds lie across the longer side, so that a tall or a wide picture has more of them, not longer ones.
  const tall = height >= width
  const length = tall ? height : width
  const breadth = tall ? width : height
  const count = Math.round((sparse ? 5 : 8) * Math.sqrt(length / unit))
  paintAll(canvas, () => ramp(0))
  for (let fold = 0; fold < count; fold++) {
    const share = (fold + 0.55) / count
    const base = lerp(0.02, 1, share) * length
    const edge = Float32Array.from({ length: breadth }, (_, across) => {
      const u = across / unit
      const wave = fractal(noise, u * 0.85 + fold * 0.21, fold * 0.33, 2) * 0.85 + 0.22 * Math.sin(u * 2.6 + fold * 0.9)
      return base + unit * (wave * 0.17 + (u - breadth / unit / 2) * slant * 0.3)
    })
    const top = ramp((fold + 0.6) / count)
    const lit = adjust(top, 0.12, 1.05)
    const low = mix(top, ramp((fold + 2.2) / count), 0.55)
    const thickness = (length / count) * 1.9
    const cover = createRamp([lit, top, mix(top, low, 0.6), low], 256)
    const shadowReach = unit * 0.06
    const from = Math.max(0, Math.floor(edge.reduce((least, value) => Math.min(least, value), length) - shadowReach))
    for (let along = from; along < length; along++) {
      for (let across = 0; across < breadth; across++) {
        const depth = along - (edge[across] ?? 0)
        if (depth < -shadowReach) continue
        const offset = (tall ? along * width + across : across * width + along) * 3
        if (depth < 0.5 && !flat) {
          const near = 1 + depth / shadowReach
          blendAt(canvas, offset, shade, clamp(near) ** 2.4 * 0.34)
        }
        if (depth > -0.5) blendAt(canvas, offset, cover((depth / thickness) ** 0.7), clamp(depth + 0.5))
      }
    }
  }
}
