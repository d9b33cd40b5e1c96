import { assert, describe, it } from "@effect/vitest"
import { Either, Option, Redacted } from "effect"
import type { Constraint } from "../../src/catalog/Model.ts"
import { ModelId } from "../../src/kernel/Ids.ts"
import { isObject, type JsonObject } from "../../src/kernel/Json.ts"
import { defaultMultiplier, ticks } from "../../src/kernel/Money.ts"
import { constraintIssues } from "../../src/studio/internal/constraints.ts"
import { fullJson } from "../../src/studio/ModelCard.ts"
import { type PlanContext, plan } from "../../src/studio/Planner.ts"
import type { ImageRequest } from "../../src/studio/Request.ts"
import { fakeModel, fakeModels } from "../../src/testing/FakeProviderModels.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"

const context: PlanContext = {
  models: fakeModels,
  isConfigured: () => true,
  assets: new Map(),
  multiplier: defaultMultiplier,
  today: "2026-11-22"
}

const refusal = (own: Partial<ImageRequest>, models = fakeModels) => {
  const planned = plan(plainRequest(own), { ...context, models })
  return Either.isLeft(planned) ? planned.left : null
}

describe("constraints that look at the input", () => {
  const tall = Option.some({ width: 1000, height: 3000 })
  const rule: Constraint = { kind: "scaled_input", factor: "scale", width: "width", height: "height", sideMax: 4096 }
  const issues = (constraint: Constraint, parameters: JsonObject, input = tall) =>
    constraintIssues([constraint], parameters, input).map((issue) => issue.message)

  it("finds a result that is too long by factor, by one side or by both", () => {
    assert.deepStrictEqual(issues(rule, { scale: 1.3 }), [])
    assert.match(issues(rule, { scale: 1.5 })[0] ?? "", /1000x3000 would become 1500x4500; allowed: .*4096/)
    assert.match(issues(rule, { width: 2000 })[0] ?? "", /2000x6000/)
    assert.deepStrictEqual(issues(rule, { width: 2000, height: 4096 }), [])
    assert.deepStrictEqual(issues(rule, { height: 4096 }), [])
    assert.deepStrictEqual(issues(rule, { scale: 4 }, Option.none()), [])
  })

  it("finds a crop that leaves the input", () => {
    const crop = (left: number, top: number) => ({ crop: { left, top, width: 10, height: 10 } })
    const inside: Constraint = { kind: "inside_input", name: "crop" }
    assert.deepStrictEqual(issues(inside, crop(990, 2990)), [])
    assert.match(issues(inside, crop(991, 0))[0] ?? "", /reaches to 1001,10; allowed: inside the input, 1000x3000/)
    assert.lengthOf(issues(inside, crop(0, 2991)), 1)
  })
})

describe("models show", () => {
  it("says the rules over several parameters as JSON Schema and in words", () => {
    const integer = { schema: { type: "integer" }, execution: "executable" } as const
    const model = fakeModel("ruled", {
      parameters: {
        a: integer,
        b: integer,
        c: integer,
        format: { schema: { type: "string", enum: ["png", "jpeg"] }, execution: "executable", default: "png" }
      },
      constraints: [
        { kind: "one_of", names: ["a", "b"] },
        { kind: "exclusive", groups: [["a"], ["b", "c"]] },
        { kind: "forbidden", when: { format: ["png"] }, given: ["c"], reason: "PNG has no c" }
      ]
    })
    const card = fullJson(model, { multiplier: defaultMultiplier, isConfigured: () => true, today: context.today })
    const schema = card["model_parameters"]
    assert.deepStrictEqual(isObject(schema) ? schema["allOf"] : null, [
      { anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      {
        allOf: [
          {
            not: {
              allOf: [{ anyOf: [{ required: ["a"] }] }, { anyOf: [{ required: ["b"] }, { required: ["c"] }] }]
            }
          }
        ]
      },
      // An absent format is png: it need not be there to be refused.
      { not: { properties: { format: { enum: ["png"] } }, required: ["c"] } }
    ])
    assert.deepStrictEqual(card["constraints"], [
      "one of a, b is needed",
      "give at most one of: a, or b and c",
      "refused: c given and format png (PNG has no c)"
    ])
    assert.deepStrictEqual(
      [{ a: 1 }, {}, { a: 1, b: 1 }, { b: 1, c: 1 }, { b: 1, c: 1, format: "jpeg" }].map((parameters) =>
        refusal({ modelId: model.id, parameters }, [model]) === null ? "planned" : "refused"
      ),
      ["planned", "refused", "refused", "refused", "planned"]
    )
  })
})

describe("a refused prompt", () => {
  const silent = fakeModel("silent", { input: { ...fakeModel("plain", {}).input, prompt: "none" } })

  it("names --prompt only where one is missing", () => {
    const missing = refusal({ prompt: null })
    assert.deepStrictEqual(missing?.recovery, { required_flag: "--prompt", missing_inputs: ["prompt"] })
    const long = refusal({ prompt: Redacted.make("x".repeat(2_001)) })
    assert.deepStrictEqual(long?.recovery, { fields: ["prompt"] })
    assert.match(long?.message ?? "", /2001 characters; fake.known takes at most 2000/)
    assert.deepStrictEqual(refusal({ modelId: silent.id }, [silent])?.recovery, { fields: ["prompt"] })
  })
})

describe("a budget that is too small", () => {
  const budget = (usd: string) => ({ budget: { perImage: ticks(usd), whole: null, acceptUnknownCost: false } })
  const queue = { modelId: ModelId.make("fake.queue") }
  const paid = fakeModels.filter((model) => !model.repeatable)

  it("is told the cheapest plan that fits it", () => {
    const details = refusal({ ...queue, ...budget("0.06") }, paid)?.details
    assert.deepNestedInclude(details, { "cheapest_plan.model_id": "fake.megapixel" })
    assert.notProperty(details, "cheapest_available")
  })

  it("is told the cheapest there is when none fits, under another name", () => {
    for (const own of [queue, { modelId: null }]) {
      const refused = refusal({ ...own, ...budget("0.0001") }, paid)
      assert.strictEqual(refused?.code, "BUDGET_EXCEEDED")
      assert.deepNestedInclude(refused?.details, { "cheapest_available.model_id": "fake.megapixel" })
      assert.notProperty(refused?.details, "cheapest_plan")
    }
  })
})
