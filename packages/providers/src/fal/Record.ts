import type { AspectRatioControl, Constraint, Operation, OutputSize, Price } from "@image-skill/core/catalog/Model"
import type { Parameter } from "@image-skill/core/catalog/Parameters"
import type { ReferenceRules } from "@image-skill/core/catalog/References"
import { limits } from "@image-skill/core/kernel/Limits"
import type { MediaType } from "@image-skill/core/kernel/Media"

// The shapes of records.generated.ts: what a model is, without what all of fal's have in common. What repeats is a
// number: a row of a table beside the records.

/** A parameter by its name on the wire. */
export type NamedParameter = readonly [string, Parameter]
export type AspectRow = AspectRatioControl

/** Where references go: a list of addresses, one address, fields of their own by index, or Kling's elements. */
export type ReferenceRoute =
  | { readonly list: string }
  | { readonly single: string }
  | { readonly slots: ReadonlyArray<readonly [image: string, task: string]> }
  | { readonly elements: string }

/** How a request becomes a body, and what its answer looks like. Names are fields of the body. */
export interface Route {
  readonly endpoint: string
  readonly prompt?: string
  /** The field of the input image, alone or as the first of a list. */
  readonly image?: string
  readonly images?: string
  readonly mask?: string
  readonly references?: ReferenceRoute
  /** The answer holds one `image`, not a list of `images`. */
  readonly isSingle?: true
  /** The answer says of each image whether it was blackened. */
  readonly hasFlags?: true
  /** Price of one billed unit, where the published price is of such units and nothing is added to it. */
  readonly unitTicks?: number
  /** Most bytes of an image; `imageBytesMax` where the model says nothing. */
  readonly bytesMax?: number
}

type Rules = (typeof Price.Encoded)["rule"]

/** A price before its brands, of the kinds that fal's published prices have. */
export interface PriceRow extends Omit<typeof Price.Encoded, "source" | "rule"> {
  readonly rule: Extract<Rules, { readonly kind: "per_image" | "per_megapixel" | "unknown" }>
  readonly source: number
}

export interface RecordRow {
  readonly id: string
  readonly name: string
  readonly does: Operation
  readonly tags: ReadonlyArray<string>
  /** Why it is listed only. */
  readonly cataloged?: string
  readonly promptMax?: number
  readonly mask?: "required" | "optional"
  readonly isMaskOfImageSize?: true
  readonly references?: ReferenceRules
  readonly types: readonly [MediaType, ...ReadonlyArray<MediaType>]
  readonly count?: string
  readonly outputsMax: number
  readonly perCall: number
  /** Presets by name: their pixels are the same wherever fal has them. */
  readonly size:
    | Exclude<OutputSize, { readonly kind: "parameter" }>
    | { readonly kind: "parameter"; readonly name: string; readonly presets: ReadonlyArray<PresetName> }
  readonly largest: string
  readonly aspect: number
  readonly parameters: ReadonlyArray<number>
  readonly constraints?: ReadonlyArray<Constraint>
  readonly price: PriceRow
  /** What it is to a selection, where it is not judged by name. */
  readonly kind?: "tool" | "gone"
  /** Why it may be gone. */
  readonly gone?: string
  readonly route: Route
}

/** As large as this house takes uploads; fal's storage takes more. */
export const imageBytesMax = limits.uploadBytesMax

/** The pixels behind fal's preset names. */
export const presetPixels = {
  square_hd: { width: 1024, height: 1024 },
  square: { width: 512, height: 512 },
  portrait_4_3: { width: 768, height: 1024 },
  portrait_16_9: { width: 576, height: 1024 },
  landscape_4_3: { width: 1024, height: 768 },
  landscape_16_9: { width: 1024, height: 576 }
} as const
export type PresetName = keyof typeof presetPixels
