import { assert, describe, it } from "@effect/vitest"
import { Either, Redacted } from "effect"
import type { Asset } from "../../src/assets/Asset.ts"
import type { Model } from "../../src/catalog/Model.ts"
import { AssetId, JobId, ModelId, OrganizationId, ProviderId } from "../../src/kernel/Ids.ts"
import { Proportion } from "../../src/kernel/Media.ts"
import { defaultMultiplier, ticks } from "../../src/kernel/Money.ts"
import { type PlanContext, plan } from "../../src/studio/Planner.ts"
import type { ImageRequest } from "../../src/studio/Request.ts"
import { fakeModel, fakeModels } from "../../src/testing/FakeProviderModels.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"

const picture: Asset = {
  id: AssetId.make("image_one"),
  organizationId: OrganizationId.make("org_one"),
  jobId: JobId.make("job_one"),
  kind: "uploaded",
  mediaType: "image/png",
  bytes: 1_000,
  width: 600,
  height: 400,
  sha256: "",
  provenance: "uploaded",
  createdAt: 0
}

/** A house whose own edits read no words, and whose paid provider has no key. */
const own = ProviderId.make("own")
const modelOf = (name: string) => fakeModels.find((one) => one.id === `fake.${name}`) ?? fakeModel(name, {})
const local = (name: string): Model => ({ ...modelOf(name), provider: own, id: ModelId.make(`own.${name}`) })
const house: PlanContext = {
  models: [local("grade"), local("free"), ...fakeModels],
  isConfigured: (id) => id === own,
  providers: [
    { id: own, displayName: "Own", problem: null, settings: [], cataloged: null },
    {
      id: ProviderId.make("fake"),
      displayName: "Fake",
      problem: "not configured",
      settings: ["FAKE_KEY"],
      cataloged: null
    }
  ],
  assets: new Map([[picture.id, picture]]),
  multiplier: defaultMultiplier,
  today: "2026-11-22"
}
const open: PlanContext = { ...house, isConfigured: () => true }

const asked = (request: Partial<ImageRequest>, context = house) => {
  const planned = plan(plainRequest({ modelId: null, ...request }), context)
  return Either.isRight(planned)
    ? { outcome: String(planned.right.model.id), reason: planned.right.choice.reason, refused: null }
    : { outcome: planned.left.code, reason: "", refused: planned.left }
}
const edit = { command: "edit", image: picture.id } as const

describe("Selection without a model", () => {
  it("takes no model on which the prompt would have no effect, and says what would", () => {
    const { outcome, refused } = asked(edit)
    assert.strictEqual(outcome, "PROVIDER_UNAVAILABLE")
    assert.include(refused?.message, "fake (FAKE_KEY)")
    assert.include(refused?.message, "own.grade")
    assert.deepStrictEqual(refused?.details?.["providers"], [{ provider_id: "fake", settings: ["FAKE_KEY"] }])
    assert.deepStrictEqual(refused?.recovery?.suggested_commands, [
      "image-skill models show own.grade --json",
      "image-skill models list --operation edit --json"
    ])
  })

  it("edits by parameters where there is no prompt, and lets an explicit choice stand with its warning", () => {
    assert.strictEqual(asked({ ...edit, prompt: null }).outcome, "own.grade")
    const named = Either.getOrThrow(plan(plainRequest({ ...edit, modelId: ModelId.make("own.grade") }), house))
    assert.isTrue(named.warnings.some((one) => one.includes("the prompt has no effect")))
  })

  it("says that a provider does not exist, or what it lacks", () => {
    const nowhere = asked({ providerId: "fakr" })
    assert.strictEqual(nowhere.outcome, "INVALID_ARGUMENTS")
    assert.match(nowhere.refused?.message ?? "", /no provider "fakr"; allowed: own, fake/)
    assert.strictEqual(nowhere.refused?.recovery?.suggested_command, "image-skill models list --provider fake --json")
    const closed = asked({ providerId: "fake" })
    assert.match(closed.refused?.message ?? "", /fake is not configured here: it needs FAKE_KEY/)
  })

  it("takes the strongest that fits the budget, and names what was left out", () => {
    const budget = { perImage: null, whole: null, acceptUnknownCost: false }
    assert.strictEqual(asked({ budget }, open).outcome, "fake.known")
    const fitting = asked({ budget: { ...budget, perImage: ticks("0.04") } }, open)
    assert.strictEqual(fitting.outcome, "fake.batch")
    assert.match(fitting.reason, /fake\.known would cost more than the budget/)
  })

  it("does not choose a model for a mask, a count, a reference or a parameter that it does not take", () => {
    const frontal = { asset_id: picture.id, role: "element_frontal", index: 0 } as const
    assert.strictEqual(asked({ outputCount: 8 }, open).outcome, "fake.batch")
    assert.strictEqual(asked({ parameters: { width: 512, height: 512 } }, open).outcome, "fake.megapixel")
    assert.strictEqual(asked({ ...edit, mask: picture.id }, open).outcome, "fake.edit")
    assert.strictEqual(asked({ references: [frontal] }, open).outcome, "fake.elements")
  })
})

describe("A refused request", () => {
  it("can be repeated with consent by a command that names what it leaves out", () => {
    const { refused } = asked({
      modelId: ModelId.make("fake.unknown"),
      prompt: Redacted.make("it's secret"),
      budget: { perImage: null, whole: null, acceptUnknownCost: false }
    })
    assert.deepStrictEqual(refused?.recovery, {
      required_flag: "--accept-unknown-cost",
      suggested_command:
        "image-skill create --model fake.unknown --prompt PROMPT --aspect-ratio auto --output-count 1 --accept-unknown-cost --json",
      missing_inputs: ["prompt"]
    })
  })

  it("names the value received and the values allowed", () => {
    const issues = (request: Partial<ImageRequest>) => JSON.stringify(asked(request, open).refused?.details?.["issues"])
    assert.include(issues({ outputCount: 100 }), "output_count is 100; allowed: 1 to 10")
    assert.include(issues({ modelId: ModelId.make("fake.known"), outputCount: 5 }), "is 5; fake.known allows 1 to 4")
    const wide = asked({ modelId: ModelId.make("fake.megapixel"), aspectRatio: Proportion.make("40:1") }, open)
    const allowed = wide.refused?.details?.["allowed"]
    assert.includeMembers(Array.isArray(allowed) ? allowed : [], ["auto", "1:1", "16:9", "9:16", "3:2"])
  })
})
