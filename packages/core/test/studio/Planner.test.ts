import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck, Redacted, Schema } from "effect"
import type { Asset } from "../../src/assets/Asset.ts"
import { errorTable } from "../../src/kernel/Errors.ts"
import { AssetId, JobId, ModelId, OrganizationId } from "../../src/kernel/Ids.ts"
import { type Json, JsonObject } from "../../src/kernel/Json.ts"
import { Proportion, ratioOf } from "../../src/kernel/Media.ts"
import { creditsFor, defaultMultiplier, UsdTicks } from "../../src/kernel/Money.ts"
import { type PlanContext, plan } from "../../src/studio/Planner.ts"
import { dryRunJson, planJson } from "../../src/studio/Receipt.ts"
import type { ImageRequest } from "../../src/studio/Request.ts"
import { fakeModel, fakeModels } from "../../src/testing/FakeProviderModels.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"

const asset = (name: string, width: number, height: number): Asset => ({
  id: AssetId.make(`image_${name}`),
  organizationId: OrganizationId.make("org_one"),
  jobId: JobId.make("job_one"),
  kind: "uploaded",
  mediaType: "image/png",
  bytes: 1_000,
  width,
  height,
  sha256: "",
  provenance: "uploaded",
  createdAt: 0
})

const assets = [asset("large", 600, 400), asset("small", 10, 10), asset("long", 3_000, 400)]

const context: PlanContext = {
  models: fakeModels,
  isConfigured: () => true,
  assets: new Map(assets.map((one) => [one.id, one])),
  multiplier: defaultMultiplier,
  today: "2026-11-22"
}

const assetId = FastCheck.constantFrom(...assets.map((one) => one.id))
const json: FastCheck.Arbitrary<Json> = FastCheck.constantFrom<Json>(
  ...[0, 1, 64, 1_024, -1, 0.5, 1e12, "low", "high", "1024x1024", "wide", "16:9", "", true, null],
  ...[[], ["low"], {}, { width: 1, height: 1 }]
)
const names = [
  "seed",
  "style",
  "size",
  "quality",
  "width",
  "height",
  "aspect_ratio",
  "n",
  "image_url",
  "steps",
  "__proto__"
]
const ratio = FastCheck.oneof(
  FastCheck.constant("auto" as const),
  FastCheck.tuple(FastCheck.integer({ min: 1, max: 9_999 }), FastCheck.integer({ min: 1, max: 9_999 })).map(([w, h]) =>
    Proportion.make(`${w}:${h}`)
  ),
  FastCheck.constantFrom("1:1", "3:2", "16:9").map((text) => Proportion.make(text))
)
const money = FastCheck.option(FastCheck.integer({ min: 0, max: 10_000_000_000 }).map((value) => UsdTicks.make(value)))
const reference = FastCheck.record({
  asset_id: assetId,
  role: FastCheck.constantFrom("reference_image" as const, "element_frontal" as const, "element_reference" as const),
  index: FastCheck.integer({ min: 0, max: 3 })
})

const request: FastCheck.Arbitrary<ImageRequest> = FastCheck.record({
  command: FastCheck.constantFrom("create" as const, "edit" as const),
  prompt: FastCheck.option(
    FastCheck.constantFrom("", "a lighthouse", "x".repeat(3_000)).map((text) => Redacted.make(text))
  ),
  modelId: FastCheck.option(
    FastCheck.constantFrom(...fakeModels.map((model) => model.id), ModelId.make("fake.nowhere"), ModelId.make(""))
  ),
  providerId: FastCheck.constant(null),
  intent: FastCheck.constantFrom(null, "final", "explore"),
  aspectRatio: ratio,
  outputCount: FastCheck.constantFrom(-1, 0, 1, 2, 4, 8, 11, 1.5, Number.NaN),
  parameters: FastCheck.dictionary(FastCheck.constantFrom(...names), json, { maxKeys: 3 }),
  image: FastCheck.option(assetId),
  mask: FastCheck.option(assetId),
  references: FastCheck.array(reference, { maxLength: 4 }),
  budget: FastCheck.record({ perImage: money, whole: money, acceptUnknownCost: FastCheck.boolean() })
})

describe("plan", () => {
  it.prop("answers any request with a plan or with a code of the table, and never throws", [request], ([asked]) => {
    const planned = plan(asked, context)
    if (Either.isLeft(planned)) {
      assert.isTrue(Object.hasOwn(errorTable, planned.left.code))
      assert.isNotEmpty(planned.left.message)
      return
    }
    const { calls, debit, estimate, hold, holdPerImage, outputs, model } = planned.right
    assert.strictEqual(
      calls.reduce((sum, images) => sum + images, 0),
      outputs
    )
    assert.isTrue(calls.every((images) => images >= 1 && images <= model.output.outputsPerCall))
    assert.strictEqual(hold, holdPerImage * outputs)
    if (estimate.confidence === "unknown") assert.isNull(debit)
    else assert.strictEqual(debit, creditsFor(estimate.perImage, defaultMultiplier) * outputs)
    assert.isTrue(asked.budget.whole === null || hold * 100_000_000 <= asked.budget.whole)
  })

  it.prop("prints what it plans as JSON, without the prompt", [request], ([asked]) => {
    const planned = plan({ ...asked, prompt: Redacted.make("secret words") }, context)
    if (Either.isLeft(planned)) return
    const printed = dryRunJson(planned.right, { available: null, dailyJobsRemaining: null }, "http://here/a/")
    assert.isTrue(Schema.is(JsonObject)(printed))
    assert.notInclude(JSON.stringify(printed), "secret words")
  })

  it.prop("keeps the ratio where a model computes its size from it", [ratio], ([asked]) => {
    const planned = plan(plainRequest({ modelId: ModelId.make("fake.megapixel"), aspectRatio: asked }), context)
    if (Either.isLeft(planned)) return
    const { width, height } = planned.right.parameters
    const wanted = ratioOf(asked)
    if (wanted._tag === "None" || typeof width !== "number" || typeof height !== "number") return
    assert.isAtMost(width * height, 1_048_576)
    // Sides are whole multiples of 8: each may lose up to 8 pixels.
    const exact = wanted.value.width / wanted.value.height
    assert.isTrue((width + 8) / height >= exact && width / (height + 8) <= exact)
  })

  it("prices an image by the call that shares what a request costs among the fewest", () => {
    // 0.09 USD and 0.02 an image, and 0.01 a request; at most four images a call.
    const perImageOf = (outputCount: number) =>
      Either.map(
        plan(
          plainRequest({
            modelId: ModelId.make("fake.batch"),
            parameters: { quality: "high", size: "1024x1024" },
            outputCount
          }),
          context
        ),
        ({ calls, worstPerImage }) => ({ calls, worstPerImage })
      )
    assert.deepStrictEqual(perImageOf(4), Either.right({ calls: [4], worstPerImage: UsdTicks.make(1_125_000_000) }))
    assert.deepStrictEqual(perImageOf(6), Either.right({ calls: [4, 2], worstPerImage: UsdTicks.make(1_150_000_000) }))
    assert.deepStrictEqual(perImageOf(8), Either.right({ calls: [4, 4], worstPerImage: UsdTicks.make(1_125_000_000) }))
  })

  it("says of each model what it cannot do, by its code", () => {
    const codeOf = (own: Partial<ImageRequest>) => {
      const planned = plan(plainRequest(own), context)
      return Either.isLeft(planned) ? planned.left.code : "planned"
    }
    const of = (name: string) => ({ modelId: ModelId.make(`fake.${name}`) })
    const mask = AssetId.make("image_large")
    assert.deepStrictEqual(
      [
        codeOf(of("retired")),
        codeOf(of("cataloged")),
        codeOf(of("unpriced")),
        codeOf(of("nowhere")),
        codeOf({ ...of("known"), mask }),
        codeOf({ ...of("known"), outputCount: 5 }),
        codeOf({ ...of("known"), parameters: { steps: 1 } }),
        codeOf({ ...of("known"), parameters: { safety_checker: false } }),
        codeOf({ ...of("known"), parameters: { n: 2 } }),
        codeOf({ ...of("known"), parameters: { seed: 1_001 } }),
        codeOf({ ...of("edit") }),
        codeOf({ ...of("unknown"), budget: { perImage: null, whole: null, acceptUnknownCost: false } }),
        codeOf({ ...of("known"), budget: { perImage: UsdTicks.make(1), whole: null, acceptUnknownCost: false } })
      ],
      [
        "MODEL_RETIRED",
        "MODEL_NOT_EXECUTABLE",
        "MODEL_NOT_EXECUTABLE",
        "MODEL_NOT_FOUND",
        "MASK_NOT_SUPPORTED",
        "OUTPUT_COUNT_NOT_SUPPORTED",
        "MODEL_PARAMETER_NOT_EXECUTABLE",
        "MODEL_PARAMETER_NOT_EXECUTABLE",
        "PROVIDER_NATIVE_FIELD_DENIED",
        "MODEL_PARAMETERS_INVALID",
        "OPERATION_NOT_SUPPORTED",
        "BUDGET_REQUIRES_CONFIRMATION",
        "BUDGET_EXCEEDED"
      ]
    )
  })

  it("keeps the caller's own words out of what it prints, and sends them all the same", () => {
    const words = fakeModel("words", {
      parameters: {
        caption: { schema: { type: "string", maxLength: 50 }, execution: "executable" },
        layers: {
          schema: {
            type: "array",
            maxItems: 2,
            items: { type: "object", required: [], properties: { text: { type: "string" } } }
          },
          execution: "executable"
        },
        negative_prompt: { schema: { type: "string" }, execution: "executable", default: "blurry" },
        colour: { schema: { type: "string", pattern: "^#[0-9a-f]{6}$" }, execution: "executable" }
      }
    })
    const parameters = { caption: "my secret", layers: [{ text: "my secret" }], colour: "#00ff00" }
    const planned = Either.getOrThrow(
      plan(plainRequest({ modelId: words.id, parameters }), { ...context, models: [words] })
    )
    assert.deepInclude(planned.parameters, parameters)
    const printed = planJson(planned, "http://here/a/")
    assert.notInclude(JSON.stringify(printed), "secret")
    assert.deepNestedInclude(printed, {
      "request.selection.model_parameters.effective": {
        caption: { value: "[redacted]", source: "explicit" },
        layers: { value: "[redacted]", source: "explicit" },
        negative_prompt: { value: "blurry", source: "default_policy" },
        colour: { value: "#00ff00", source: "explicit" }
      }
    })
  })

  it("prints the fields that the contract names", () => {
    const planned = Either.getOrThrow(plan(plainRequest({ outputCount: 2 }), context))
    const printed = planJson(planned, "http://here/a/")
    assert.deepInclude(printed, {
      capability: { id: "is.image.generate.fake-known.v1" },
      safety: { status: "allowed" }
    })
    assert.deepInclude(printed["cost"], { estimated_usd: 0.1 })
    assert.deepNestedInclude(printed, {
      "cost.credit_pricing.credit_unit_usd": 0.01,
      "cost.credit_pricing.credits_required": 18,
      "cost.credit_pricing.estimated_provider_cost_usd": 0.1,
      "cost.credit_pricing.estimated_revenue_usd": 0.18,
      "cost.credit_pricing.pricing_confidence": "known",
      "request.output_count": 2,
      "request.selection.policy": "explicit",
      "request.selection.model_parameters.source": "default_policy",
      "request.selection.output.resolution_class": null
    })
  })
})
