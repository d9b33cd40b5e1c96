import { createCanvas } from "./Canvas.ts"
import { finishes, traitsOf } from "./Finishes.ts"
import type { MotifId, StyleId } from "./Lexicon.ts"
import { motifs } from "./Motifs.ts"
import { readPrompt } from "./Prompt.ts"
import { createRandom } from "./Random.ts"

export interface DrawRequest {
  readonly prompt: string
  /** A whole number, 0 to 2³² - 1. Another seed is another picture of the same thing. */
  readonly seed: number
  /** Pixels, 64 to 4096. */
  readonly width: number
  /** Pixels, 64 to 4096. */
  readonly height: number
  /** Draws this instead of what the prompt suggests. */
  readonly motif?: MotifId
  /** Words set into the lower part of the picture, at most three lines. */
  readonly caption?: string
}

export interface Drawing {
  /** RGB, three bytes a pixel, row by row. */
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
  readonly motif: MotifId
  readonly style: StyleId
  readonly palette: string
  /** The words of the prompt that shaped the picture, in the lexicon's form. Empty: it was composed from their hash. */
  readonly matchedWords: ReadonlyArray<string>
  /** Characters of the caption that the font lacks; they are left out. */
  readonly missingGlyphs: ReadonlyArray<string>
}

export const sideLeast = 64
export const sideMost = 4096

const isSide = (pixels: number): boolean => Number.isInteger(pixels) && pixels >= sideLeast && pixels <= sideMost

// The fonts and their reader are loaded only for those who set words.
const setCaption = async (pixels: Uint8Array, width: number, height: number, caption: string) => {
  const { drawCaption } = await import("./Caption.ts")
  return (await drawCaption(pixels, width, height, caption)).missingGlyphs
}

/**
 * Draws a picture for a prompt from its words alone: no model, no network, no clock. The same request gives the same
 * bytes. Blocks its thread for 0.2 to 0.7 s a megapixel; peak memory is about 25 bytes a pixel.
 * Rejects with a RangeError when a side is out of range.
 */
export const draw = async (request: DrawRequest): Promise<Drawing> => {
  if (!isSide(request.width) || !isSide(request.height)) {
    throw new RangeError(
      `a drawing is ${sideLeast} to ${sideMost} pixels a side, not ${request.width} x ${request.height}`
    )
  }
  const reading = readPrompt(request.prompt, request.seed)
  const motif = request.motif ?? reading.motif
  const traits = traitsOf(reading.style)
  const scene = {
    canvas: createCanvas(request.width, request.height),
    palette: reading.palette,
    random: createRandom(`${reading.normalized}/${request.seed}`),
    night: reading.night,
    weather: reading.weather,
    flat: traits.flat,
    sparse: traits.sparse || reading.sparse,
    words: new Set(reading.matchedWords)
  }
  motifs[motif](scene)
  const pixels = finishes[reading.style](scene)
  const missingGlyphs =
    request.caption === undefined ? [] : await setCaption(pixels, request.width, request.height, request.caption)
  return {
    pixels,
    width: request.width,
    height: request.height,
    motif,
    style: reading.style,
    palette: reading.palette.name,
    matchedWords: reading.matchedWords,
    missingGlyphs
  }
}
