import { Option, Schema } from "effect"

/** The image types that are taken in and given out. SVG is none of them: drawing one can burn seconds of a core. */
export const MediaType = Schema.Literal("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif").annotations(
  {
    identifier: "MediaType",
    description: "Type of an image, named by its first bytes and never by its file name"
  }
)
export type MediaType = typeof MediaType.Type

/** Every media type, in the order in which they are listed to people. */
export const mediaTypes: ReadonlyArray<MediaType> = MediaType.literals

/** File name endings without the dot. `jpg` and not `jpeg`: the public asset URLs use it. */
const extensions = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
  "image/avif": "avif"
} as const satisfies Record<MediaType, string>

/** The file name ending of a media type, without the dot. */
export const extensionOf = (mediaType: MediaType): string => extensions[mediaType]

const typesByExtension: ReadonlyMap<string, MediaType> = new Map<string, MediaType>([
  ...mediaTypes.map((mediaType): readonly [string, MediaType] => [extensions[mediaType], mediaType]),
  ["jpeg", "image/jpeg"],
  ["jpe", "image/jpeg"]
])

/** The media type that an ending speaks of, with or without its dot, in any case. A claim only: bytes decide. */
export const mediaTypeOfExtension = (extension: string): Option.Option<MediaType> =>
  Option.fromNullable(typesByExtension.get(extension.replace(/^\./, "").toLowerCase()))

const Side = Schema.Int.pipe(Schema.positive()).annotations({
  identifier: "Side",
  description: "Side of an image in pixels",
  message: () => "a side of an image is a whole number of pixels, at least 1"
})

/** Width and height in pixels, as the image is displayed. */
export const Dimensions = Schema.Struct({ width: Side, height: Side }).annotations({ identifier: "Dimensions" })
export type Dimensions = typeof Dimensions.Type

/** Repeats only what could have been meant as a ratio. */
const receivedOf = (actual: unknown) =>
  typeof actual === "string" && actual.length <= 20 ? `; received ${JSON.stringify(actual)}` : ""

/** A ratio in the public spelling. Sides may carry two decimals, since providers publish `19.5:9`. */
export const Proportion = Schema.String.pipe(
  Schema.pattern(/^[1-9]\d{0,3}(\.\d{1,2})?:[1-9]\d{0,3}(\.\d{1,2})?$/),
  Schema.brand("Proportion")
).annotations({
  identifier: "Proportion",
  description: "Width to height, such as 16:9",
  message: ({ actual }) => `an aspect ratio is written W:H, such as 16:9${receivedOf(actual)}`
})
export type Proportion = typeof Proportion.Type

/** What a caller may ask for: a proportion, or `auto`, which leaves it to the model or to the input image. */
export const AspectRatio = Schema.Union(Schema.Literal("auto"), Proportion).annotations({
  identifier: "AspectRatio",
  description: "Width to height, such as 16:9, or auto",
  message: ({ actual }) => ({
    message: `an aspect ratio is written W:H, such as 16:9, or auto${receivedOf(actual)}`,
    override: true
  })
})
export type AspectRatio = typeof AspectRatio.Type

/** Width to height as two whole numbers without a common divisor, so that `16:9` and `32:18` are equal. */
export interface Ratio {
  readonly width: number
  readonly height: number
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** The ratio of two sides; a decimal side counts to the hundredth. */
export const ratioOfSides = (sides: Ratio): Ratio => {
  const width = Math.round(sides.width * 100)
  const height = Math.round(sides.height * 100)
  const divisor = greatestCommonDivisor(width, height)
  return { width: width / divisor, height: height / divisor }
}

/** The numbers of an aspect ratio; `None` for `auto`, which has none. */
export const ratioOf = (aspectRatio: AspectRatio): Option.Option<Ratio> => {
  if (aspectRatio === "auto") return Option.none()
  const [width, height] = aspectRatio.split(":").map(Number)
  return width === undefined || height === undefined ? Option.none() : Option.some(ratioOfSides({ width, height }))
}

/** What `fit` fills: an area or a longest side, in pixels. Both are ceilings. */
export type Extent =
  | { readonly pixels: number; readonly multipleOf?: number }
  | { readonly longSide: number; readonly multipleOf?: number }

/**
 * The largest dimensions of a ratio within an extent. Sides are rounded down to `multipleOf` (default 1), so the extent
 * is never exceeded, except that no side is below one multiple: `8:1` in 64 pixels of long side by 16 is 64 by 16.
 */
export const fit = (ratio: Ratio, extent: Extent): Dimensions => {
  const multipleOf = extent.multipleOf ?? 1
  const scale =
    "pixels" in extent
      ? Math.sqrt(extent.pixels / (ratio.width * ratio.height))
      : extent.longSide / Math.max(ratio.width, ratio.height)
  // A hair of tolerance: 1024 must not become 1008 because a root came out as 1023.9999999999999.
  const side = (length: number) => Math.max(1, Math.floor((length * scale) / multipleOf + 1e-9)) * multipleOf
  return { width: side(ratio.width), height: side(ratio.height) }
}
