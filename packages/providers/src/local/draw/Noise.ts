import { createNoise2D } from "simplex-noise"
import { clamp } from "./Colour.ts"
import type { Random } from "./Random.ts"

/** Smooth noise, -1 to 1, with features about one unit wide. */
export type Noise = (x: number, y: number) => number

export const createNoise = (random: Random): Noise => createNoise2D(random.next)

/** Noise over noise, each octave twice as fine and half as strong. -1 to 1. */
export const fractal = (noise: Noise, x: number, y: number, octaves: number): number => {
  let sum = 0
  let weight = 1
  let total = 0
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(x, y)
    total += weight
    weight *= 0.5
    x = x * 2 + 17.3
    y = y * 2 - 9.1
  }
  return sum / total
}

/** Sharp crests with quiet valleys, 0 to 1: each octave is rougher where the one before was high. */
export const ridged = (noise: Noise, x: number, y: number, octaves: number): number => {
  let sum = 0
  let weight = 1
  let total = 0
  let previous = 1
  for (let octave = 0; octave < octaves; octave++) {
    const crest = 1 - Math.abs(noise(x, y + octave * 7.7))
    const squared = crest * crest
    sum += weight * squared * previous
    total += weight
    previous = clamp(squared * 1.6)
    weight *= 0.5
    x *= 2.03
  }
  return sum / total
}

/** A function of the picture that was sampled on a grid and is read between the samples. */
export type Field = (x: number, y: number) => number

/**
 * Samples `sample` every `step` pixels. Noise is the costly part of a picture, so a step that grows with the picture
 * keeps its cost the same at any size.
 */
export const sampleField = (width: number, height: number, step: number, sample: Field): Field => {
  const columns = Math.ceil(width / step) + 2
  const rows = Math.ceil(height / step) + 2
  const grid = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) grid[row * columns + column] = sample(column * step, row * step)
  }
  const scale = 1 / step
  const columnLast = columns - 1.001
  const rowLast = rows - 1.001
  return (x, y) => {
    const across = clamp(x * scale, 0, columnLast)
    const down = clamp(y * scale, 0, rowLast)
    const column = across | 0
    const row = down | 0
    const index = row * columns + column
    const right = across - column
    const below = down - row
    const top = (grid[index] ?? 0) * (1 - right) + (grid[index + 1] ?? 0) * right
    const bottom = (grid[index + columns] ?? 0) * (1 - right) + (grid[index + columns + 1] ?? 0) * right
    return top * (1 - below) + bottom * below
  }
}

/** As {@link sampleField}, for the rows from `top` to `bottom` only: what lies outside reads as the nearest of them. */
export const sampleRows = (width: number, top: number, bottom: number, step: number, sample: Field): Field => {
  const start = Math.max(0, Math.floor(top))
  const field = sampleField(width, Math.max(1, Math.ceil(bottom) - start), step, (x, y) => sample(x, y + start))
  return (x, y) => field(x, y - start)
}

/** A function of one number, 0 to `end`, as a table: for curves that a loop over pixels would compute again and again. */
export const tabulate = (
  end: number,
  curve: (position: number) => number,
  steps = 1024
): ((position: number) => number) => {
  const table = Float32Array.from({ length: steps + 1 }, (_, step) => curve((step / steps) * end))
  const scale = steps / end
  return (position) => table[position <= 0 ? 0 : position >= end ? steps : (position * scale) | 0] ?? 0
}
