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
      return Option.map(input.size, ({ width, height }) => {
        const pixels = width * height
        return rule.rounding === "up"
          ? UsdTicks.make(rule.ticks * Math.max(1, Math.ceil(pixels / megapixel)))
          : shareUp(rule.ticks, pixels, megapixel)
      })
  }
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
    onSome: (base) =>
      price.confidence === "unknown"
        ? { confidence: "unknown", ceiling: price.ceiling }
        : { confidence: price.confidence, perImage: UsdTicks.make(base + surchargeOfOne(price, input)) }
  })

const wxh = /^(\d{1,5})x(\d{1,5})$/

const dimensionsOf = (
  value: Json | undefined,
  presets: { readonly [name: string]: Dimensions }
): Option.Option<Dimensions> => {
  if (typeof value === "string") {
    const preset = Object.hasOwn(presets, value) ? presets[value] : undefined
    if (preset !== undefined) return Option.some(preset)
    const match = wxh.exec(value)
    return match === null ? Option.none() : Option.some({ width: Number(match[1]), height: Number(match[2]) })
  }
  return isObject(value) && typeof value["width"] === "number" && typeof value["height"] === "number"
    ? Option.some({ width: value["width"], height: value["height"] })
    : Option.none()
}

/** The size that these parameters will make, when it can be told beforehand. */
export const expectedSize = (model: Model, parameters: JsonObject): Option.Option<Dimensions> => {
  const size = model.output.size
  switch (size.kind) {
    case "unknown":
      return Option.none()
    case "parameter":
      return dimensionsOf(parameters[size.name], size.presets)
    case "dimensions":
      return dimensionsOf({ width: parameters[size.width] ?? null, height: parameters[size.height] ?? null }, {})
  }
}
