import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ModelId } from "../../src/kernel/Ids.ts"
import { isObject, type JsonObject } from "../../src/kernel/Json.ts"
import type { Delivery, ImageRequest } from "../../src/studio/Request.ts"
import type { FakeOptions } from "../../src/testing/FakeProvider.ts"
import { answers, inOrder, refuses } from "../../src/testing/FakeProviderActs.ts"
import { askAndWait, type House, inHouse } from "../../src/testing/house.ts"
import { payers } from "../../src/testing/SimulatorRequests.ts"

const answered = (
  script: FakeOptions["script"],
  request: (house: House) => Partial<ImageRequest>,
  delivery: Partial<Delivery> = {}
) =>
  Effect.runSync(
    inHouse(script, (house) =>
      Effect.gen(function* () {
        const answer = yield* askAndWait(house, yield* house.start, request(house), delivery)
        const { events } = yield* house.facts()
        const data: JsonObject = answer._tag === "Data" ? answer.data : {}
        return { answer, data, events }
      })
    )
  )

const edit = (house: House): Partial<ImageRequest> => ({
  command: "edit",
  modelId: ModelId.make("fake.edit"),
  image: house.images.get(payers.rich)?.[0] ?? null
})

/** Every field of `create` and `edit` that the contract names, by the answer it stands in. */
const always = ["job_id", "status", "capability", "assets", "cost", "request", "safety", "quota"]
const alsoAlways = ["idempotency_key", "mutation", "next_actions"]

describe("The answer of an edit", () => {
  it("has the fields of the contract, dry, running and done", () => {
    const dry = answered(inOrder(), edit, { dryRun: true }).data
    const done = answered(inOrder(), edit, { idempotencyKey: "k" }).data
    const running = answered(inOrder(answers({ afterMillis: 60_000 })), edit, { waitMillis: 1_000 }).data
    for (const data of [dry, done, running]) {
      assert.containsAllKeys(data, [...always, ...alsoAlways, "input_asset"])
    }
    assert.deepInclude(dry, {
      job_id: null,
      mutation: { provider_call: false, credit_debit: false, media_write: false }
    })
    assert.strictEqual(running["status"], "running")
    assert.deepInclude(done, { status: "completed", idempotency_key: "k" })
  })

  it("keeps the origin of its input where no trained model changed it, and not where one did", () => {
    const provenance = (model: string) => {
      const { data } = answered(inOrder(), (house) => ({ ...edit(house), modelId: ModelId.make(model) }))
      const [made] = Array.isArray(data["assets"]) ? data["assets"] : []
      return [isObject(made) && made["provenance"], isObject(data["request"]) && data["request"]["provenance"]]
    }
    assert.deepStrictEqual(provenance("fake.grade"), ["uploaded", "uploaded"])
    assert.deepStrictEqual(provenance("fake.edit"), ["generative_model", "generative_model"])
  })

  it("names its input, and the asset it made", () => {
    const { data } = answered(inOrder(), edit)
    const [made] = Array.isArray(data["assets"]) ? data["assets"] : []
    assert.isTrue(isObject(made))
    assert.containsAllKeys(made, ["asset_id", "path", "mime_type", "url", "content_length", "width", "height"])
    const input = data["input_asset"]
    assert.strictEqual(isObject(input) && input["width"], 304)
  })
})

describe("The answer of a job that the provider billed otherwise", () => {
  it("debits what was quoted, and shows the difference", () => {
    const cost = (reports: "cost" | "too_much" | "nothing") => {
      const { data } = answered(inOrder(answers({ reports })), () => ({}))
      const shown = isObject(data["cost"]) ? data["cost"] : {}
      return [shown["settled_credits"], shown["provider_reported_usd"], shown["provider_variance_usd"]]
    }
    assert.deepStrictEqual(cost("cost"), [9, 0.05, 0])
    assert.deepStrictEqual(cost("too_much"), [9, 0.45, 0.4])
    assert.deepStrictEqual(cost("nothing"), [9, null, null])
  })
})

describe("The answer of a partial success", () => {
  it("names no asset that was not made", () => {
    const { data } = answered(inOrder(answers(), refuses("content_policy")), () => ({ outputCount: 2 }))
    const outputs = Array.isArray(data["outputs"]) ? data["outputs"] : []
    const assets = Array.isArray(data["assets"]) ? data["assets"] : []
    assert.deepStrictEqual(
      outputs.flatMap((one) => one["asset_ids"]),
      assets.map((one) => one["asset_id"])
    )
  })
})

describe("A failure after a job exists", () => {
  it("says which job, and where its money is", () => {
    const { answer } = answered(inOrder(refuses("rate_limited")), () => ({}))
    const error = answer._tag === "Failure" ? answer.error : null
    assert.strictEqual(error?.code, "PROVIDER_UNAVAILABLE")
    assert.isString(error?.details?.["job_id"])
    assert.deepStrictEqual(error?.details?.["money"], { held: 0, settled: 0, released: 9 })
    assert.strictEqual(error?.recovery?.retry_after_seconds, 7)
  })

  it("does not tell the caller of our key", () => {
    const { answer } = answered(inOrder(refuses("authentication")), () => ({}))
    const error = answer._tag === "Failure" ? answer.error : null
    assert.strictEqual(error?.code, "PROVIDER_UNAVAILABLE")
    assert.notInclude(JSON.stringify(error), "authentication")
  })
})

describe("The activity of a job", () => {
  it("carries the estimate and the debit, and nothing of the provider", () => {
    const { events } = answered(inOrder(), () => ({}))
    assert.deepStrictEqual(events.map((event) => event.type).sort(), [
      "asset.created",
      "job.completed",
      "usage.credit_consumed"
    ])
    assert.deepInclude(events.find((event) => event.type === "job.completed")?.cost, {
      estimated_usd: 0.05,
      credits: 9
    })
    assert.notInclude(JSON.stringify(events), "fake")
  })
})
