import { assert, it } from "@effect/vitest"
import { Option } from "effect"
import type { Price } from "../../src/catalog/Model.ts"
import { UsdTicks } from "../../src/kernel/Money.ts"
import { estimate, imageTokens } from "../../src/pricing/Pricing.ts"
import { constraintIssues } from "../../src/studio/internal/constraints.ts"

const grid = { pixelsBase: 2_000_000, pixelsDivisor: 4_000_000 }

const price: Price = {
  confidence: "estimated",
  rule: {
    kind: "image_tokens",
    ticksPerToken: UsdTicks.make(300_000),
    quality: "quality",
    grids: { low: 16 },
    ...grid
  },
  surcharges: [],
  ceiling: UsdTicks.make(9_000_000_000),
  source: "a test",
  asOf: "2026-11-22"
}

const input = (quality: string, width: number, height: number) => ({
  parameters: { quality },
  outputs: 1,
  inputImages: 0,
  size: Option.some({ width, height })
})

it("counts tokens alike for both orientations, and rounds halves of a cell to even", () => {
  assert.strictEqual(imageTokens(grid, 16, { width: 1024, height: 1024 }), 196)
  assert.strictEqual(imageTokens(grid, 16, { width: 1024, height: 1536 }), 158)
  assert.strictEqual(imageTokens(grid, 16, { width: 1536, height: 1024 }), 158)
  // 10.5 cells are 10, 11.5 are 12.
  const cells = (short: number) => Math.ceil((16 * short * (2_000_000 + 1_600_000)) / 4_000_000)
  const sides = (short: number) => ({ width: 3_200, height: short * 200 })
  assert.strictEqual(imageTokens({ ...grid, pixelsBase: 3_600_000 - 3_200 * 2_100 }, 16, sides(10.5)), cells(10))
  assert.strictEqual(imageTokens({ ...grid, pixelsBase: 3_600_000 - 3_200 * 2_300 }, 16, sides(11.5)), cells(12))
})

it("prices an image by its tokens, and knows nothing where quality or size are open", () => {
  assert.deepStrictEqual(estimate(price, input("low", 1024, 1024)), {
    confidence: "estimated",
    perImage: UsdTicks.make(196 * 300_000)
  })
  assert.strictEqual(estimate(price, input("auto", 1024, 1024)).confidence, "unknown")
  assert.strictEqual(estimate(price, { ...input("low", 1, 1), size: Option.none() }).confidence, "unknown")
})

it("bounds an unknown cost by output and inputs, never above the ceiling", () => {
  const edit: Price = { ...price, confidence: "unknown", inputCeiling: UsdTicks.make(1_000_000_000) }
  const ceiling = (one: Price) => {
    const cost = estimate(one, input("low", 1024, 1024))
    return cost.confidence === "unknown" ? cost.ceiling : null
  }
  assert.strictEqual(ceiling(edit), 196 * 300_000 + 1_000_000_000)
  assert.strictEqual(ceiling({ ...edit, ceiling: UsdTicks.make(5) }), 5)
  assert.strictEqual(ceiling({ ...edit, ceiling: null }), null)
})

it("says every rule that a size breaks, as text or as an object, and leaves presets alone", () => {
  const rule = {
    kind: "size",
    name: "size",
    sideMultipleOf: 16,
    sideMax: 3840,
    pixelsMin: 655_360,
    ratioMax: 3
  } as const
  const issues = (size: string | { readonly width: number; readonly height: number }) =>
    constraintIssues([rule], { size }, Option.none())
  assert.deepStrictEqual(issues("1024x1024"), [])
  assert.deepStrictEqual(issues("auto"), [])
  assert.match(issues("4000x100")[0]?.message ?? "", /multiples of 16.*at most 3840.*at least 655360.*3 to 1/)
  assert.strictEqual(issues({ width: 512, height: 512 })[0]?.path, "size")
})
