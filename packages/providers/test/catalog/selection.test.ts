import { assert, describe, it } from "@effect/vitest"
import type { Model } from "@image-skill/core/catalog/Model"
import { AssetId } from "@image-skill/core/kernel/Ids"
import { AspectRatio } from "@image-skill/core/kernel/Media"
import { defaultMultiplier, ticks, type UsdTicks } from "@image-skill/core/kernel/Money"
import { plan } from "@image-skill/core/studio/Planner"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Effect, Either, Redacted, Schema } from "effect"
import { builtIn } from "../../src/builtIn.ts"
import { qualityOf } from "../../src/internal/qualityRanks.ts"

const asset = {
  id: AssetId.make("image_input"),
  mediaType: "image/png",
  bytes: 1000,
  width: 1024,
  height: 1024,
  provenance: "uploaded"
} as const

const square = Schema.decodeSync(AspectRatio)("1:1")
const everywhere = ["local", "openai", "xai", "fal"]

interface Wish {
  readonly intent?: string
  readonly usd?: string
  readonly provider?: string
  readonly configured?: ReadonlyArray<string>
  readonly isEdit?: boolean
  readonly acceptUnknownCost?: boolean
}

/** What is chosen for a prompt where no model is named: its id, and the parameters that follow from the choice. */
const chosen = (models: ReadonlyArray<Model>, wish: Wish): string => {
  const perImage: UsdTicks | null = wish.usd === undefined ? null : ticks(wish.usd)
  const request: ImageRequest = {
    command: wish.isEdit === true ? "edit" : "create",
    modelId: null,
    providerId: wish.provider ?? null,
    intent: wish.intent ?? null,
    aspectRatio: wish.isEdit === true ? "auto" : square,
    outputCount: 1,
    prompt: Redacted.make("A compact field camera on a stainless workbench"),
    parameters: {},
    image: wish.isEdit === true ? asset.id : null,
    mask: null,
    references: [],
    budget: { perImage, whole: null, acceptUnknownCost: wish.acceptUnknownCost === true }
  }
  const planned = plan(request, {
    models,
    isConfigured: (id) => (wish.configured ?? everywhere).includes(id),
    assets: new Map([[asset.id, asset]]),
    multiplier: defaultMultiplier,
    today: "2026-11-22"
  })
  return Either.match(planned, {
    onLeft: ({ code }) => code,
    onRight: ({ model, parameters }) =>
      [model.id, parameters["resolution"]].filter((one) => typeof one === "string").join(" ")
  })
}

const cases: ReadonlyArray<readonly [string, Wish, string]> = [
  ["the contract's default", { intent: "explore" }, "xai.grok-imagine-image-quality 1k"],
  ["its higher tier for a final image", { intent: "final", usd: "0.07" }, "xai.grok-imagine-image-quality 2k"],
  ["also for a hero image", { intent: "product hero", usd: "0.06" }, "xai.grok-imagine-image-quality 2k"],
  [
    "its lower tier where the budget stops there",
    { intent: "final", usd: "0.05" },
    "xai.grok-imagine-image-quality 1k"
  ],
  ["its lower tier where no budget is given", { intent: "final" }, "xai.grok-imagine-image-quality 1k"],
  ["its lower tier for a draft", { intent: "draft", usd: "0.07" }, "xai.grok-imagine-image-quality 1k"],
  ["a cheaper model under a small budget", { usd: "0.03" }, "fal.kling-image-o3-text-to-image"],
  ["a free one without money", { usd: "0" }, "local.procedural"],
  ["the strongest of the provider that is named", { provider: "fal" }, "fal.nano-banana-pro"],
  ["the strongest of those that are configured", { configured: ["local", "openai"] }, "openai.gpt-image-2"],
  ["the drawing where nothing else is configured", { configured: ["local"] }, "local.procedural"],
  ["a known cost for an edit", { isEdit: true }, "xai.grok-imagine-image-quality-edit 1k"]
]

describe("Without a model the house takes", () => {
  for (const [name, wish, expected] of cases) {
    it.effect(name, () =>
      Effect.map(builtIn, (plugins) =>
        assert.strictEqual(
          chosen(
            plugins.flatMap(({ models }) => models),
            wish
          ),
          expected
        )
      )
    )
  }
})

/** Lines of one vendor each, strongest first. */
const lines = [
  ["xai.grok-imagine-image-quality", "xai.grok-imagine-image-2.0", "xai.grok-imagine-image"],
  ["openai.gpt-image-2", "openai.gpt-image-1.5", "openai.gpt-image-1-mini"],
  ["fal.nano-banana-pro", "fal.nano-banana-2"],
  ["fal.flux-pro-v1-1-ultra", "fal.flux-dev", "fal.flux-dev-redux"],
  ["fal.flux-pro-kontext-max", "fal.flux-pro-kontext"],
  ["fal.bytedance-seedream-v4-5-text-to-image", "fal.bytedance-seedream-v5-lite-text-to-image"]
]

describe("The scale of quality", () => {
  it("keeps the order of every vendor's line, and an edit where its model is", () => {
    for (const line of lines) {
      const ranks = line.map((id) => qualityOf(id))
      assert.deepStrictEqual(
        ranks,
        [...ranks].sort((a, b) => b - a),
        line.join()
      )
    }
    for (const id of ["openai.gpt-image-2", "xai.grok-imagine-image-quality", "fal.nano-banana-pro"]) {
      assert.strictEqual(qualityOf(`${id}-edit`), qualityOf(id))
    }
  })

  it.effect("names only models that there are, and gives every model its place", () =>
    Effect.map(builtIn, (plugins) => {
      const models = plugins.flatMap((plugin) => plugin.models)
      for (const id of lines.flat())
        assert.isTrue(
          models.some((model) => model.id === id),
          id
        )
      for (const model of models) assert.isTrue(model.quality >= 1 && model.quality <= 100, model.id)
      const drawings = models.filter(({ provider }) => provider === "local").map(({ quality }) => quality)
      const paid = models.filter(({ provider }) => provider !== "local").map(({ quality }) => quality)
      assert.isBelow(Math.max(...drawings), Math.min(...paid))
    })
  )
})
