import { ImageOperation } from "@image-skill/core/assets/ImageCodec"
import { Effect, Schema } from "effect"
import { transform } from "../../media/SharpCodec.ts"
import {
  decodeParameters,
  type Edited,
  type EditFailure,
  type EditInput,
  encodingOf,
  factsOf,
  outputParameters,
  ranged,
  relativeSigma,
  withWarnings
} from "./edit.ts"

/** Tone and colour of a picture. Everything has a default that changes nothing. */
export const GradeParameters = Schema.Struct({
  brightness: ranged(-100, 100, 0, "Lighter (above 0) or darker (below 0); -100 is black"),
  contrast: ranged(-100, 100, 0, "More (above 0) or less (below 0) contrast; -100 is plain grey"),
  saturation: ranged(-100, 100, 0, "Stronger (above 0) or paler (below 0) colours; -100 is black and white"),
  hueDegrees: ranged(-180, 180, 0, "Turns all colours around the colour circle, in degrees").pipe(
    Schema.fromKey("hue_degrees")
  ),
  warmth: ranged(-100, 100, 0, "Warmer, towards orange (above 0), or cooler, towards blue (below 0)"),
  gamma: ranged(0.34, 3, 1, "Lifts (above 1) or deepens (below 1) the middle tones; 1 changes nothing"),
  sharpness: ranged(0, 100, 0, "Sharpens edges"),
  blur: ranged(0, 100, 0, "Blurs; 100 spreads over a twentieth of the shorter side"),
  ...outputParameters
}).annotations({ identifier: "GradeParameters" })
export type GradeParameters = typeof GradeParameters.Encoded

/** Full warmth moves red and blue by a quarter each: strong, but skin stays skin. */
const warmthGain = 0.25

const operationsOf = (grade: typeof GradeParameters.Type, blurSigma: number): ReadonlyArray<ImageOperation> => {
  const warmth = (grade.warmth / 100) * warmthGain
  const operations = [
    ImageOperation.Grade({
      brightness: 1 + grade.brightness / 100,
      contrast: 1 + grade.contrast / 100,
      saturation: 1 + grade.saturation / 100,
      hueDegrees: grade.hueDegrees,
      gains: [1 + warmth, 1, 1 - warmth],
      gamma: grade.gamma
    }),
    ImageOperation.Blur({ sigma: blurSigma }),
    ImageOperation.Sharpen({ amount: grade.sharpness / 25 })
  ]
  return operations
}

const isNeutral = (grade: typeof GradeParameters.Type): boolean =>
  grade.gamma === 1 &&
  [
    grade.brightness,
    grade.contrast,
    grade.saturation,
    grade.hueDegrees,
    grade.warmth,
    grade.sharpness,
    grade.blur
  ].every((value) => value === 0)

/** Changes tone and colour of a picture of up to 25 megapixels. About 100 ms a megapixel. */
export const grade = Effect.fn("local.grade")(function* (input: EditInput, parameters: GradeParameters) {
  const decoded = yield* decodeParameters(GradeParameters, parameters)
  const facts = yield* factsOf(input)
  const operations = isNeutral(decoded) ? [] : operationsOf(decoded, relativeSigma(decoded.blur, facts))
  const edited = yield* transform(input.bytes, operations, encodingOf(input, decoded))
  return withWarnings(edited, isNeutral(decoded) ? ["No parameter was set, so tone and colour are as they were."] : [])
}) satisfies (input: EditInput, parameters: GradeParameters) => Effect.Effect<Edited, EditFailure>
