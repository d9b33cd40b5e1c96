import { Context, Data, type Effect } from "effect"
import type { Dimensions, MediaType } from "../kernel/Media.ts"
import type { ImageFacts } from "./ImageInspector.ts"

/** A colour in 8-bit sRGB with alpha from 0 (clear) to 1. */
export interface Colour {
  readonly red: number
  readonly green: number
  readonly blue: number
  readonly alpha: number
}

/** How a picture is fitted into a box of another shape. `inside` alone makes it smaller than the box. */
export type Fit = "fill" | "cover" | "contain" | "inside"

/** What is done where a mask is white. */
export type MaskTreatment =
  | { readonly _tag: "Blur"; readonly sigma: number }
  | { readonly _tag: "Pixelate"; readonly cell: number }
  | { readonly _tag: "Fill"; readonly colour: Colour }
  | { readonly _tag: "Erase"; readonly opacity: number }

/** One step on the pixels of a picture. Steps run in the order given; lengths are in pixels as displayed. */
export type ImageOperation = Data.TaggedEnum<{
  /** Cuts a rectangle out. It must lie inside the picture. */
  Crop: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  /** Lanczos resampling to a box. `background` fills the bars of `contain`. */
  Resize: Dimensions & { readonly fit: Fit; readonly background: Colour }
  /** Tone and colour; factors multiply, 1 and 0 degrees leave the picture alone. */
  Grade: {
    readonly brightness: number
    readonly contrast: number
    readonly saturation: number
    readonly hueDegrees: number
    /** Gains of the three channels. */
    readonly gains: readonly [red: number, green: number, blue: number]
    /** From 1/3 to 3; above 1 lifts the shadows. */
    readonly gamma: number
  }
  Blur: { readonly sigma: number }
  /** `amount` from 0; 1 is what a photo takes well. */
  Sharpen: { readonly amount: number }
  /** Puts the picture on a colour; the result has no alpha. */
  Flatten: { readonly background: Colour }
  /** Treats what is white in a mask of the picture's ratio. Grey treats in part, transparent counts as black. */
  MaskEffect: {
    readonly mask: Uint8Array
    readonly treatment: MaskTreatment
    readonly isInverted: boolean
    /** Softness of the mask's edge, the sigma of a Gaussian. */
    readonly feather: number
  }
}>
export const ImageOperation = Data.taggedEnum<ImageOperation>()

/** Where pixels come from: a term of IPTC's list of digital source types, its last path segment. */
export type DigitalSourceType =
  | "algorithmicMedia"
  | "algorithmicallyEnhanced"
  | "compositeWithTrainedAlgorithmicMedia"
  | "trainedAlgorithmicMedia"

/** How a result is written. */
export interface Encoding {
  readonly mediaType: MediaType
  /** 1 to 100 for JPEG, WebP and AVIF; PNG and GIF have none. */
  readonly quality?: number
  /** What the XMP of the result says of its origin. GIF cannot carry it. */
  readonly digitalSourceType: DigitalSourceType
}

/** An image that we made, with warnings for people about what the result could not keep. */
export interface Encoded extends Dimensions {
  readonly bytes: Uint8Array
  readonly mediaType: MediaType
  readonly warnings: ReadonlyArray<string>
}

/**
 * Why a codec gave up: the bytes do not decode (`undecodable`); they decode to another size or frame count than they
 * state (`mismatch`); a mask has another shape (`mask_ratio`) or covers nothing (`mask_empty`); the picture does not
 * allow an operation, such as a crop outside of it (`invalid_operation`); more pixels than it takes (`too_large`); too
 * slow (`timeout`); the codec itself cannot be used here (`unavailable`). Only the last two can be worth another try.
 */
export type CodecReason =
  | "undecodable"
  | "mismatch"
  | "mask_ratio"
  | "mask_empty"
  | "invalid_operation"
  | "too_large"
  | "timeout"
  | "unavailable"

export class CodecFailure extends Data.TaggedError("CodecFailure")<{
  readonly reason: CodecReason
  /** A sentence for people. It never holds paths or bytes. */
  readonly message: string
}> {}

/** Decodes and encodes pixels. Takes bytes that `ImageInspector.inspect` has accepted; memory is bounded by its limits. */
export class ImageCodec extends Context.Tag("@image-skill/core/ImageCodec")<
  ImageCodec,
  {
    /**
     * Decodes, applies the operations in order and encodes. The result is 8-bit sRGB, upright, without the metadata of
     * its source. Of an animation the first frame is used, and a warning says so.
     */
    readonly transform: (
      bytes: Uint8Array,
      operations: ReadonlyArray<ImageOperation>,
      encoding: Encoding
    ) => Effect.Effect<Encoded, CodecFailure>
    /** Decodes every pixel of every frame: proves that the bytes hold what `facts` say. Some 20 ms a megapixel, WebP 90. */
    readonly verify: (bytes: Uint8Array, facts: ImageFacts) => Effect.Effect<void, CodecFailure>
  }
>() {}
