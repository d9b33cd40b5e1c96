import { ImageOperation, type MaskTreatment } from "@image-skill/core/assets/ImageCodec"
import type { ImageFacts } from "@image-skill/core/assets/ImageInspector"
import { Effect, Schema } from "effect"
import { transform } from "../../media/SharpCodec.ts"
import {
  ColourParameter,
  decodeParameters,
  type Edited,
  type EditFailure,
  type EditInput,
  encodingOf,
  factsOf,
  numberFrom,
  oneOf,
  optional,
  outputParameters,
  parseColour,
  ranged,
  relativeSigma,
  withDefault,
  withWarnings
} from "./edit.ts"

/** What happens where the mask is white. */
export const MaskEffectParameters = Schema.Struct({
  effect: withDefault(
    oneOf("What is done where the mask is white; erase makes it transparent", "blur", "pixelate", "fill", "erase"),
    "blur"
  ),
  strength: optional(
    numberFrom(1, 100, "How far blur and pixelate go (default 50), and how opaque fill and erase are (default 100)")
  ),
  feather: ranged(0, 100, 5, "Softness of the mask's edge; 100 spreads it over a twentieth of the shorter side"),
  colour: withDefault(
    ColourParameter.annotations({ description: "Colour of fill, as #rrggbb or #rrggbbaa" }),
    "#000000"
  ).pipe(Schema.fromKey("color")),
  invert: withDefault(Schema.Boolean.annotations({ description: "Treats what is black in the mask instead" }), false),
  ...outputParameters
}).annotations({ identifier: "MaskEffectParameters" })
export type MaskEffectParameters = typeof MaskEffectParameters.Encoded

/** A picture and its mask. White is treated, black is not, grey in part; transparent counts as black. */
export interface MaskedInput extends EditInput {
  readonly mask: Uint8Array
}

/** At full strength a cell is this part of the shorter side: twelve of them make no face. */
const cellShare = 1 / 12

const treatmentOf = (parameters: typeof MaskEffectParameters.Type, facts: ImageFacts): MaskTreatment => {
  const { effect, strength } = parameters
  switch (effect) {
    case "blur":
      return { _tag: "Blur", sigma: Math.max(1, relativeSigma(strength ?? 50, facts)) }
    case "pixelate": {
      const cell = Math.min(facts.width, facts.height) * cellShare * ((strength ?? 50) / 100)
      return { _tag: "Pixelate", cell: Math.max(2, Math.round(cell)) }
    }
    case "fill": {
      const colour = parseColour(parameters.colour)
      return { _tag: "Fill", colour: { ...colour, alpha: colour.alpha * ((strength ?? 100) / 100) } }
    }
    case "erase":
      return { _tag: "Erase", opacity: (strength ?? 100) / 100 }
  }
}

/**
 * Blurs, pixelates, paints over or cuts out what a mask covers. The mask may have another size than the picture, but
 * must have its shape.
 */
export const maskEffect = Effect.fn("local.maskEffect")(function* (
  input: MaskedInput,
  parameters: MaskEffectParameters
) {
  const decoded = yield* decodeParameters(MaskEffectParameters, parameters)
  const facts = yield* factsOf(input)
  const operation = ImageOperation.MaskEffect({
    mask: input.mask,
    treatment: treatmentOf(decoded, facts),
    isInverted: decoded.invert,
    feather: relativeSigma(decoded.feather, facts)
  })
  const edited = yield* transform(input.bytes, [operation], encodingOf(input, decoded))
  const isHoleLost = decoded.effect === "erase" && decoded.format === "gif"
  return withWarnings(edited, isHoleLost ? ["GIF pixels are clear or not: soft edges became hard."] : [])
}) satisfies (input: MaskedInput, parameters: MaskEffectParameters) => Effect.Effect<Edited, EditFailure>
