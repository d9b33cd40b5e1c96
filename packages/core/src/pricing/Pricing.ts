import { Option } from "effect"
import type { Model, Price } from "../catalog/Model.ts"
import { canonical, isObject, type Json, type JsonObject } from "../kernel/Json.ts"
import type { Dimensions } from "../kernel/Media.ts"
import { shareUp, UsdTicks } from "../kernel/Money.ts"

/** What one image of a request will cost at its provider. */
export type Estimate =
  | { readonly confidence: "known" | "estimated"; readonly perImage: UsdTicks }
  /** `ceiling` is the most that it can be; null means that it must not run. */
  | { readonly confidence: "unknown"; readonly ceiling: UsdTicks | null }

/** What a price can depend on. */
export interface PriceInput {
  readonly parameters: JsonObject
  readonly outputs: number
  readonly inputImages: number
  /** Sizes of the input image and the references, where a price counts them. */
  readonly inputSizes?: ReadonlyArray<Dimensions>
  readonly size: Option.Option<Dimensions>
}

const megapixel = 1_048_576

const holds = (when: { readonly [name: string]: ReadonlyArray<Json> }, parameters: JsonObject) =>
  Object.entries(when).every(([name, values]) => {
    const actual = canonical(parameters[name] ?? null)
    return values.some((value) => canonical(value) === actual)
  })

const baseCost = (price: Price, input: PriceInput): Option.Option<UsdTicks> => {
  const rule = price.rule
  switch (rule.kind) {
    case "unknown":
      return Option.none()
    case "per_image":
      return Option.map(
        Option.fromNullable(rule.tiers.find((tier) => holds(tier.when, input.parameters))),
        (tier) => tier.ticks
      )
    case "per_megapixel":
      return Option.map(input.size, (size) => megapixelCost(rule, pixelsOf(size), input))
    case "image_tokens": {
      const quality = input.parameters[rule.quality]
      const grid = typeof quality === "string" && Object.hasOwn(rule.grids, quality) ? rule.grids[quality] : undefined
      return grid === undefined
        ? Option.none()
        : Option.map(input.size, (size) => UsdTicks.make(rule.ticksPerToken * imageTokens(rule, grid, size)))
    }
  }
}

const pixelsOf = ({ width, height }: Dimensions) => width * height

/** Inputs are rounded as the output is: every image on its own. */
const megapixelCost = (
  rule: Extract<Price["rule"], { kind: "per_megapixel" }>,
  output: number,
  input: PriceInput
): UsdTicks => {
  const billed = (pixels: number) =>
    rule.rounding === "up" ? Math.max(1, Math.ceil(pixels / megapixel)) * megapixel : pixels
  const inputs =
    rule.inputs === "one_each"
      ? input.inputImages * megapixel
      : rule.inputs === "own_size"
        ? (input.inputSizes ?? []).reduce((sum, size) => sum + billed(pixelsOf(size)), 0)
        : 0
  const pixels = billed(output) + inputs
  if (rule.additionalTicks === undefined) return shareUp(rule.ticks, pixels, megapixel)
  return UsdTicks.make(rule.ticks + shareUp(rule.additionalTicks, Math.max(0, pixels - megapixel), megapixel))
}

const roundHalfEven = (value: number): number => {
  const below = Math.floor(value)
  return value - below === 0.5 ? below + (below % 2) : Math.round(value)
}

/** Tokens of one image of this size: see `Price.rule` of kind `image_tokens`. */
export const imageTokens = (
  rule: { readonly pixelsBase: number; readonly pixelsDivisor: number },
  grid: number,
  { width, height }: Dimensions
): number => {
  const short = roundHalfEven((grid * Math.min(width, height)) / Math.max(width, height))
  return Math.ceil((grid * short * (rule.pixelsBase + width * height)) / rule.pixelsDivisor)
}

const surchargeOfOne = (price: Price, input: PriceInput): number =>
  price.surcharges
    .filter((one) => holds(one.when, input.parameters))
    .reduce((sum, one) => {
      if (one.per === "image") return sum + one.ticks
      const whole = one.per === "request" ? one.ticks : one.ticks * input.inputImages
      return sum + shareUp(UsdTicks.make(whole), 1, input.outputs)
    }, 0)

/**
 * The cost of one image before it is made. Charges of the whole request are shared over its outputs, rounded up.
 * Where the table has no row for these parameters the cost is unknown, whatever the table's confidence.
 */
export const estimate = (price: Price, input: PriceInput): Estimate =>
  Option.match(baseCost(price, input), {
    onNone: () => ({ confidence: "unknown", ceiling: price.ceiling }),
    onSome: (base) => {
      const whole = base + surchargeOfOne(price, input)
      return price.confidence === "unknown"
        ? { confidence: "unknown", ceiling: ceilingOf(price, whole) }
        : { confidence: price.confidence, perImage: UsdTicks.make(whole) }
    }
  })

const ceilingOf = (price: Price, outputs: number): UsdTicks | null =>
  price.inputCeiling === undefined || price.ceiling === null
    ? price.ceiling
    : UsdTicks.make(Math.min(price.ceiling, outputs + price.inputCeiling))

const wxh = /^(\d{1,5})x(\d{1,5})$/

/** What a size parameter's value says: a preset's name, `WxH`, or `{width, height}`. */
export const dimensionsOf = (
  value: Json | undefined,
  presets: { readonly [name: string]: Dimensions }
): Option.Option<Dimensions> => {
  if (typeof value === "string") {
    const preset = Object.hasOwn(presets, value) ? presets[value] : undefined
    if (preset !== undefined) return Option.some(preset)
    const match = wxh.exec(value)
    return match === null ? Option.none() : sizeOf(Number(match[1]), Number(match[2]))
  }
  return isObject(value) ? sizeOf(value["width"], value["height"]) : Option.none()
}

const isSide = (value: Json | undefined): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 0

const sizeOf = (width: Json | undefined, height: Json | undefined): Option.Option<Dimensions> =>
  isSide(width) && isSide(height) ? Option.some({ width, height }) : Option.none()

/** The size that these parameters will make, when it can be told beforehand. */
export const expectedSize = (
  model: Model,
  parameters: JsonObject,
  inputSize: Option.Option<Dimensions> = Option.none()
): Option.Option<Dimensions> => {
  const size = model.output.size
  switch (size.kind) {
    case "unknown":
    case "class":
      return Option.none()
    case "parameter":
      return dimensionsOf(parameters[size.name], size.presets)
    case "dimensions":
      return dimensionsOf({ width: parameters[size.width] ?? null, height: parameters[size.height] ?? null }, {})
    case "input": {
      const factor = size.factor === null ? 1 : parameters[size.factor]
      return typeof factor !== "number" || !holds(size.when, parameters)
        ? Option.none()
        : Option.map(inputSize, ({ width, height }) => ({
            width: Math.max(1, Math.round(width * factor)),
            height: Math.max(1, Math.round(height * factor))
          }))
    }
  }
}
