import { assert, it } from "@effect/vitest"
import type { Model } from "@image-skill/core/catalog/Model"
import { effective } from "@image-skill/core/catalog/Parameters"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import { Proportion } from "@image-skill/core/kernel/Media"
import { defaultMultiplier, UsdTicks, usdOf } from "@image-skill/core/kernel/Money"
import { type Estimate, estimate, expectedSize } from "@image-skill/core/pricing/Pricing"
import { ProviderRegistry } from "@image-skill/core/provider/ProviderRegistry"
import { defaultCost } from "@image-skill/core/studio/ModelCard"
import { plan } from "@image-skill/core/studio/Planner"
import { plainRequest } from "@image-skill/core/testing/SimulatorRequests"
import { Effect, Either, FastCheck as fc, Option } from "effect"
import { models as allModels } from "../../src/openai/models.ts"
import { openai } from "../../src/openai/plugin.ts"
import { modelNamed } from "./calls.ts"

const models = allModels()

const quote = (model: Model, given: JsonObject): Estimate => {
  const parameters = Object.fromEntries(
    Object.entries(Either.getOrThrow(effective(model.parameters, given))).map(([name, { value }]): [string, Json] => [
      name,
      value
    ])
  )
  return estimate(model.price, { parameters, outputs: 1, inputImages: 1, size: expectedSize(model, parameters) })
}

const usd = (model: Model, given: JsonObject): number | string => {
  const cost = quote(model, given)
  return cost.confidence === "unknown" ? "unknown" : usdOf(cost.perImage)
}

const planned = (model: Model, parameters: JsonObject) =>
  plan(
    plainRequest({
      modelId: model.id,
      aspectRatio: Proportion.make("1:1"),
      parameters,
      budget: { perImage: null, whole: null, acceptUnknownCost: false }
    }),
    { models, isConfigured: () => true, assets: new Map(), multiplier: defaultMultiplier, today: "2026-11-22" }
  )

const old = modelNamed(models, "openai.gpt-image-1.5")
const current = modelNamed(models, "openai.gpt-image-2")

it.effect("loads: every model fits the schema", () =>
  Effect.gen(function* () {
    const registry = yield* ProviderRegistry
    assert.strictEqual(registry.models.length, 14)
  }).pipe(Effect.provide(ProviderRegistry.layer([openai])))
)

it("quotes GPT Image 1.5 from its table", () => {
  assert.strictEqual(usd(old, { size: "1024x1024", quality: "low" }), 0.008704)
  assert.strictEqual(usd(old, { size: "1024x1024" }), 0.033792)
  assert.strictEqual(usd(old, { size: "1024x1536", quality: "high" }), 0.19968)
  assert.strictEqual(usd(old, { size: "1536x1024", quality: "high" }), 0.198656)
})

it("quotes GPT Image 2 by its formula, which gives every published row", () => {
  const rows = [
    ["low", "1024x1024", 196],
    ["low", "1536x1024", 158],
    ["medium", "1024x1024", 1756],
    ["medium", "2048x1152", 1413],
    ["high", "1024x1536", 5488],
    ["high", "2048x2048", 14272],
    ["high", "2560x1440", 7370],
    ["high", "2160x3840", 13342]
  ] as const
  for (const [quality, size, tokens] of rows) {
    const cost = quote(current, { quality, size })
    assert.deepStrictEqual(
      cost,
      { confidence: "estimated", perImage: UsdTicks.make(tokens * 300_000) },
      `${quality} ${size}`
    )
  }
})

it("quotes nothing where quality or size are left to the provider, and bounds it", () => {
  for (const given of [{ quality: "auto", size: "1024x1024" }, { size: "auto" }]) {
    const cost = quote(current, given)
    assert.strictEqual(cost.confidence, "unknown")
    assert.isAbove(cost.confidence === "unknown" ? (cost.ceiling ?? 0) : 0, 7_000_000_000)
  }
})

it("never quotes a size that may be asked for above the ceiling", () => {
  const side = fc.integer({ min: 32, max: 240 }).map((steps) => steps * 16)
  fc.assert(
    fc.property(side, side, fc.constantFrom("low", "medium", "high"), (width, height, quality) => {
      const outcome = planned(current, { size: `${width}x${height}`, quality })
      const allowed =
        width * height >= 655_360 &&
        width * height <= 8_294_400 &&
        Math.max(width, height) <= 3 * Math.min(width, height)
      assert.strictEqual(Either.isRight(outcome), allowed)
      if (Either.isRight(outcome)) assert.isAtMost(outcome.right.worstPerImage, current.price.ceiling ?? 0)
    })
  )
})

it("holds less for an edit whose size and quality are said than for one where they are not", () => {
  for (const id of ["openai.gpt-image-1.5-edit", "openai.gpt-image-2-edit"]) {
    const model = modelNamed(models, id)
    const ceiling = (given: JsonObject) => {
      const cost = quote(model, given)
      return cost.confidence === "unknown" ? (cost.ceiling ?? 0) : assert.fail("an edit's cost is unknown")
    }
    const said = ceiling({ size: "1024x1024", quality: "low" })
    assert.isBelow(said, ceiling({ size: "auto" }))
    assert.isBelow(ceiling({ size: "auto" }), ceiling({ quality: "auto" }))
    assert.isAtMost(ceiling({ quality: "auto" }), model.price.ceiling ?? 0)
  }
})

it("refuses what the provider refuses", () => {
  const code = (model: Model, given: JsonObject) =>
    Either.match(planned(model, given), { onLeft: (error) => error.code, onRight: () => "planned" })
  assert.strictEqual(code(old, { background: "transparent", output_format: "jpeg" }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(old, { background: "transparent", output_format: "webp" }), "planned")
  assert.strictEqual(code(old, { background: "transparent" }), "planned")
  assert.strictEqual(code(old, { output_compression: 50 }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(old, { output_compression: 50, output_format: "jpeg" }), "planned")
  assert.strictEqual(code(old, { size: "2048x2048" }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(current, { background: "transparent" }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(current, { size: "1000x1000" }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(current, { size: "512x512" }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(current, { size: "3840x1024" }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(current, { n: 2 }), "PROVIDER_NATIVE_FIELD_DENIED")
  assert.strictEqual(code(current, { stream: true }), "MODEL_PARAMETER_NOT_EXECUTABLE")
  assert.strictEqual(code(current, { seed: 1 }), "MODEL_PARAMETERS_INVALID")
  assert.strictEqual(code(modelNamed(models, "openai.gpt-image-2.6-flare"), {}), "MODEL_NOT_EXECUTABLE")
})

it("plans medium quality and the size of the ratio when neither is said", () => {
  const drafted = Either.getOrThrow(planned(old, {}))
  assert.deepInclude(drafted.parameters, { quality: "medium", size: "1024x1024" })
  assert.strictEqual(drafted.debit, 6)
})

it("shows what one image costs at the defaults, before anything is asked for", () => {
  assert.deepStrictEqual(defaultCost(old), Option.some(UsdTicks.make(337_920_000)))
  assert.deepStrictEqual(defaultCost(current), Option.some(UsdTicks.make(526_800_000)))
})

it("warns that GPT Image 1.5 ends, and names what replaces it", () => {
  const drafted = Either.getOrThrow(planned(old, {}))
  assert.include(drafted.warnings.join("\n"), "ends on 2026-12-01; use openai.gpt-image-2")
  assert.include(old.migrationHints.join("\n"), "gpt-image-2.6-sunburst")
})

it("offers every ratio in a size that the model takes", () => {
  for (const model of models.filter((one) => one.execution === "executable")) {
    const control = model.aspectRatio
    if (control.kind !== "sizes") assert.fail(model.id)
    for (const [ratio, size] of Object.entries(control.sizes)) {
      const [width = 0, height = 1] = (typeof size === "string" ? size : "").split("x").map(Number)
      const [across = 0, down = 1] = ratio.split(":").map(Number)
      assert.approximately(width / height, across / down, 0.02, `${model.id} ${ratio}`)
      if (model.operations[0] === "image.generate")
        assert.isTrue(Either.isRight(planned(model, { size })), `${model.id} ${ratio}`)
    }
  }
})
