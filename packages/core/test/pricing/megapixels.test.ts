import { assert, describe, it } from "@effect/vitest"
import type { Price } from "@image-skill/core/catalog/Model"
import { ticks, type UsdTicks } from "@image-skill/core/kernel/Money"
import { estimate, type PriceInput } from "@image-skill/core/pricing/Pricing"
import { Option } from "effect"

type Rule = Extract<Price["rule"], { kind: "per_megapixel" }>

const square = (side: number) => ({ width: side, height: side })

const cost = (rule: Partial<Rule>, input: Partial<PriceInput>): UsdTicks | null => {
  const price: Price = {
    confidence: "known",
    rule: { kind: "per_megapixel", ticks: ticks("0.03"), rounding: "exact", ...rule },
    surcharges: [],
    ceiling: ticks("1"),
    source: "a test",
    asOf: "2026-11-22"
  }
  const whole = { parameters: {}, outputs: 1, inputImages: 0, size: Option.some(square(1024)), ...input }
  const result = estimate(price, whole)
  return result.confidence === "unknown" ? null : result.perImage
}

describe("a price by the megapixel", () => {
  it("is exact, or rounded up to whole ones, at least one", () => {
    const half = { size: Option.some({ width: 1024, height: 512 }) }
    assert.strictEqual(cost({}, half), ticks("0.015"))
    assert.strictEqual(cost({ rounding: "up" }, half), ticks("0.03"))
    assert.strictEqual(cost({ rounding: "up" }, { size: Option.some({ width: 1025, height: 1024 }) }), ticks("0.06"))
  })

  it("has a price of its own for the megapixels after the first", () => {
    const rule = { additionalTicks: ticks("0.01") }
    assert.strictEqual(cost(rule, { size: Option.some(square(512)) }), ticks("0.03"))
    assert.strictEqual(cost(rule, {}), ticks("0.03"))
    assert.strictEqual(cost(rule, { size: Option.some(square(2048)) }), ticks("0.06"))
  })

  it("counts input images as one each, or by their size", () => {
    const inputs = { inputImages: 2, inputSizes: [square(1024), square(2048)] }
    assert.strictEqual(cost({}, inputs), ticks("0.03"))
    assert.strictEqual(cost({ inputs: "one_each" }, inputs), ticks("0.09"))
    assert.strictEqual(cost({ inputs: "own_size" }, inputs), ticks("0.18"))
  })

  it("is unknown without a size, whatever the inputs are", () => {
    assert.isNull(cost({ inputs: "own_size" }, { size: Option.none(), inputImages: 1, inputSizes: [square(64)] }))
  })
})
