import type { ImageFormat } from "./encode.ts"
import type { RenderRequest } from "./worker.ts"

// Without Effect and the catalogue: it is asked before they are loaded.

/** What a drawing is where nothing else is said. */
export const drawingDefaults = { seed: 7, width: 1024, height: 1024, format: "png" } as const

/** What was typed, as far as it shapes a drawing. */
export interface TypedDrawing {
  readonly prompt: string
  readonly aspectRatio: string
  readonly parameters: { readonly [name: string]: unknown }
}

const known: ReadonlySet<string> = new Set(Object.keys(drawingDefaults))

const whole = (value: unknown, least: number, most: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most

const formatOf = (value: unknown): ImageFormat | null =>
  value === "png" || value === "jpeg" || value === "webp" ? value : null

/**
 * The request that planning will most likely come to; null where only planning can tell. A wrong one costs a thread, and
 * changes no picture: a drawing that was begun ahead is handed out for the very same request only.
 */
export const likelyRequest = ({ aspectRatio, parameters, prompt }: TypedDrawing): RenderRequest | null => {
  if (!Object.keys(parameters).every((name) => known.has(name))) return null
  const { format, height, seed, width } = { ...drawingDefaults, ...parameters }
  const kind = formatOf(format)
  const isPlain = prompt !== "" && prompt.trim() === prompt && aspectRatio === "1:1"
  if (!isPlain || kind === null || !whole(seed, 0, 2 ** 32 - 1)) return null
  // Sides that are not the ratio's are for planning to judge.
  if (!whole(width, 64, 4096) || height !== width) return null
  return { prompt, seed, width, height: width, format: kind }
}
