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
  OpaqueColour,
  optional,
  outputParameters,
  parseColour,
  refuseParameter,
  wholeFrom
} from "./edit.ts"

const sideMax = 16_384

/** Format, quality, crop and background. Without any of them the picture is rewritten as PNG. */
export const ConvertParameters = Schema.Struct({
  crop: optional(
    Schema.Struct({
      left: wholeFrom(0, sideMax, "Pixels from the left edge"),
      top: wholeFrom(0, sideMax, "Pixels from the upper edge"),
      width: wholeFrom(1, sideMax, "Width in pixels"),
      height: wholeFrom(1, sideMax, "Height in pixels")
    }).annotations({ description: "The part to keep; it must lie inside the picture" })
  ),
  background: optional(
    OpaqueColour.annotations({ description: "Colour to put behind a picture with transparency, as #rrggbb" })
  ),
  ...outputParameters
}).annotations({ identifier: "ConvertParameters" })
export type ConvertParameters = typeof ConvertParameters.Encoded

/** Writes a picture of up to 25 megapixels in another format, cropped or put on a colour where asked. */
export const convert = Effect.fn("local.convert")(function* (input: EditInput, parameters: ConvertParameters) {
  const decoded = yield* decodeParameters(ConvertParameters, parameters)
  const { height, width } = yield* factsOf(input)
  const { background, crop } = decoded
  if (crop !== undefined && (crop.left + crop.width > width || crop.top + crop.height > height)) {
    return yield* refuseParameter("crop", `must lie inside the ${width}x${height} picture`)
  }
  const operations = [
    ...(crop === undefined ? [] : [ImageOperation.Crop(crop)]),
    ...(background === undefined ? [] : [ImageOperation.Flatten({ background: parseColour(background) })])
  ]
  return yield* transform(input.bytes, operations, encodingOf(input, decoded))
}) satisfies (input: EditInput, parameters: ConvertParameters) => Effect.Effect<Edited, EditFailure>
