import { ImageOperation } from "@image-skill/core/assets/ImageCodec"
import type { ImageFacts } from "@image-skill/core/assets/ImageInspector"
import type { Dimensions } from "@image-skill/core/kernel/Media"
import { Effect, Schema } from "effect"
import { transform } from "../../media/SharpCodec.ts"
import {
  ColourParameter,
  decodeParameters,
  type Edited,
  type EditFailure,
  type EditInput,
  EditRefused,
  encodingOf,
  factsOf,
  numberFrom,
  oneOf,
  optional,
  outputParameters,
  outputSideMax,
  parseColour,
  refuseParameter,
  wholeFrom,
  withDefault
} from "./edit.ts"

const Side = wholeFrom(1, outputSideMax, "Side of the result in pixels")

/** Either `scale`, or `width` and `height`, or one of them, which keeps the ratio. */
export const ResizeParameters = Schema.Struct({
  scale: optional(numberFrom(0.01, 4, "Factor on both sides")),
  width: optional(Side),
  height: optional(Side),
  fit: withDefault(
    oneOf(
      "With width and height: cover fills them and cuts what stands over, contain adds bars, inside keeps within them, fill distorts",
      "cover",
      "contain",
      "inside",
      "fill"
    ),
    "cover"
  ),
  background: withDefault(ColourParameter, "transparent"),
  ...outputParameters
}).annotations({ identifier: "ResizeParameters" })
export type ResizeParameters = typeof ResizeParameters.Encoded

/** The box to fit into. Sides that follow from the ratio are rounded, and at least 1. */
const boxOf = (
  { height, scale, width }: typeof ResizeParameters.Type,
  facts: ImageFacts
): Effect.Effect<Dimensions, EditRefused> => {
  const scaled = (length: number, factor: number) => Math.max(1, Math.round(length * factor))
  if (scale !== undefined && (width !== undefined || height !== undefined)) {
    return refuseParameter("scale", "cannot be given together with width or height")
  }
  if (scale !== undefined) return within(scaled(facts.width, scale), scaled(facts.height, scale))
  if (width !== undefined && height !== undefined) return within(width, height)
  if (width !== undefined) return within(width, scaled(facts.height, width / facts.width))
  if (height !== undefined) return within(scaled(facts.width, height / facts.height), height)
  return refuseParameter("scale", "is missing: give scale, or width and height, or one of the two")
}

const within = (width: number, height: number): Effect.Effect<Dimensions, EditRefused> =>
  Math.max(width, height) <= outputSideMax
    ? Effect.succeed({ width, height })
    : new EditRefused({
        reason: "too_large",
        message: `The result would be ${width}x${height}; a side may have ${outputSideMax} pixels at most.`,
        issues: []
      })

/** Resamples a picture of up to 25 megapixels with Lanczos. About 70 ms a megapixel of the result. */
export const resize = Effect.fn("local.resize")(function* (input: EditInput, parameters: ResizeParameters) {
  const decoded = yield* decodeParameters(ResizeParameters, parameters)
  const facts = yield* factsOf(input)
  const box = yield* boxOf(decoded, facts)
  // Where only one side was given the box has the picture's ratio, up to a pixel that `cover` would cut.
  const fit = decoded.width === undefined || decoded.height === undefined ? "fill" : decoded.fit
  const operation = ImageOperation.Resize({ ...box, fit, background: parseColour(decoded.background) })
  return yield* transform(input.bytes, [operation], encodingOf(input, decoded))
}) satisfies (input: EditInput, parameters: ResizeParameters) => Effect.Effect<Edited, EditFailure>
