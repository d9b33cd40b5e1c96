import type { Canvas } from "./Canvas.ts"
import type { Weather } from "./Lexicon.ts"
import type { Palette } from "./Palette.ts"
import type { Random } from "./Random.ts"

/** What a motif is given: where to draw, with which colours, in which mood. */
export interface Scene {
  readonly canvas: Canvas
  readonly palette: Palette
  readonly random: Random
  readonly night: boolean
  readonly weather: ReadonlySet<Weather>
  /** Clear areas of few tones instead of texture: the finish will turn tones into inks. */
  readonly flat: boolean
  /** Fewer things, more room. */
  readonly sparse: boolean
  /** Every word of the prompt in the form the lexicon knows, for details such as a boat. */
  readonly words: ReadonlySet<string>
}

/** Draws over the whole canvas. */
export type Motif = (scene: Scene) => void

export const has = (scene: Scene, ...words: ReadonlyArray<string>): boolean =>
  words.some((word) => scene.words.has(word))
