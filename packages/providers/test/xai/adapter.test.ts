import { assert, it } from "@effect/vitest"
import { doesCreate } from "@image-skill/core/catalog/Model"
import { AssetId } from "@image-skill/core/kernel/Ids"
import { isObject } from "@image-skill/core/kernel/Json"
import { estimate } from "@image-skill/core/pricing/Pricing"
import type { CallImage, ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, Logger, LogLevel, Option, Schema } from "effect"
import { models as allModels } from "../../src/xai/models.ts"
import { xai } from "../../src/xai/plugin.ts"
import { callOf, carriedOut, inputImage, loaded, modelNamed } from "../openai/calls.ts"
import { asked, layerMemoryHouse, owned } from "../openai/memoryHouse.ts"
import type { Fault } from "../openai/server.ts"
import { answers, EditBody, strictly, xaiEmulator, xaiKey } from "./emulator.ts"

const models = allModels()

const quality = modelNamed(models, "xai.grok-imagine-image-quality")
const edit = modelNamed(models, "xai.grok-imagine-image-edit")

const house = Effect.gen(function* () {
  const emulator = yield* xaiEmulator
  const adapter = yield* loaded(xai, { XAI_API_KEY: xaiKey, XAI_BASE_URL: emulator.baseUrl })
  return { emulator, adapter }
})

const told = ({ billed, reason }: ProviderError) => [reason, billed]

const referenced = (image: CallImage, index: number) => ({
  reference: { asset_id: AssetId.make(`image_${index}`), role: "reference_image", index } as const,
  image
})

it.scopedLive("takes the true charge from the answer, and the bytes from base64 with and without a prefix", () =>
  Effect.gen(function* () {
    const { adapter } = yield* house
    const made = yield* carriedOut(adapter, yield* callOf(quality, { resolution: "2k" }, { outputs: 2 }))
    assert.strictEqual(made.cost, 1_200_000_000)
    const heads = made.outputs.map((output) => (output._tag === "Bytes" ? [...output.bytes.subarray(0, 2)] : []))
    assert.deepStrictEqual(heads, [
      [0xff, 0xd8],
      [0xff, 0xd8]
    ])
    assert.deepStrictEqual(made.details, { served_by: "grok-imagine-image-2.0" })
  })
)

it.scopedLive("quotes for every model and tier what the provider then charges", () =>
  Effect.gen(function* () {
    const { adapter } = yield* house
    for (const model of models) {
      for (const resolution of ["1k", "2k"]) {
        for (const outputs of [1, 4]) {
          const call = yield* callOf(model, { resolution }, { outputs })
          const made = yield* carriedOut(adapter, call)
          const quote = estimate(model.price, {
            parameters: call.parameters,
            outputs,
            inputImages: doesCreate(model) ? 0 : 1,
            size: Option.none()
          })
          const quoted = quote.confidence === "unknown" ? 0 : quote.perImage * outputs
          assert.strictEqual(quoted, made.cost, `${model.id} ${resolution} ${outputs}`)
        }
      }
    }
  })
)

it.scopedLive("puts the input first and references after it in the order of their indexes", () =>
  Effect.gen(function* () {
    const { adapter, emulator } = yield* house
    const [input, first, second] = yield* Effect.promise(() =>
      Promise.all([310, 320, 330].map((side) => inputImage(side)))
    )
    if (input === undefined || first === undefined || second === undefined) assert.fail()
    const references = [referenced(second, 1), referenced(first, 0)]
    yield* adapter.submit(yield* callOf(edit, {}, { image: input, references }))
    yield* adapter.submit(yield* callOf(edit, {}, { image: input }))
    const bodies = emulator.requests.map(({ body }) =>
      Schema.decodeUnknownSync(Schema.parseJson(EditBody))(body.toString(), strictly)
    )
    const uri = (image: CallImage) => `data:image/png;base64,${Buffer.from(image.bytes).toString("base64")}`
    assert.deepStrictEqual(
      bodies[0]?.images?.map(({ url }) => url),
      [input, first, second].map(uri)
    )
    assert.isUndefined(bodies[0]?.image)
    assert.strictEqual(bodies[1]?.image?.url, uri(input))
    assert.isUndefined(bodies[1]?.images)
    assert.strictEqual(bodies[1]?.response_format, "b64_json")
    // An edit follows its first image: no ratio is sent.
    assert.isUndefined(bodies[1]?.aspect_ratio)
  })
)

const withheldAll = (body: string) => body.replaceAll('"respect_moderation":true', '"respect_moderation":false')
const withheldOne = (body: string) => body.replace('"respect_moderation":true', '"respect_moderation":false')

it.scopedLive("takes a withheld image for a refusal, and its charge from usage", () =>
  Effect.gen(function* () {
    const { adapter, emulator } = yield* house
    emulator.next({ kind: "lie", change: withheldAll })
    const charged = yield* Effect.flip(carriedOut(adapter, yield* callOf(quality)))
    assert.deepStrictEqual(told(charged), ["content_policy", "yes"])
    emulator.next({
      kind: "lie",
      change: (body) => withheldAll(body).replace(/"cost_in_usd_ticks":\d+/, '"cost_in_usd_ticks":0')
    })
    const free = yield* Effect.flip(carriedOut(adapter, yield* callOf(quality)))
    assert.deepStrictEqual(told(free), ["content_policy", "no"])
    emulator.next({ kind: "lie", change: withheldOne })
    const made = yield* carriedOut(adapter, yield* callOf(quality, {}, { outputs: 2 }))
    assert.deepStrictEqual(
      made.outputs.map(({ _tag }) => _tag),
      ["Refused", "Bytes"]
    )
  })
)

const faults: ReadonlyArray<readonly [string, Fault, ReadonlyArray<string>]> = [
  ["a content policy at 400", { kind: "answer", answer: answers.contentPolicy }, ["content_policy", "unknown"]],
  ["a wrong key at 400", { kind: "answer", answer: answers.invalidKey }, ["authentication", "no"]],
  ["a bad argument", { kind: "answer", answer: answers.badArgument }, ["invalid_request", "no"]],
  ["too many requests", { kind: "answer", answer: answers.rateLimit }, ["rate_limited", "no"]],
  ["a failure of its own", { kind: "answer", answer: answers.serverError }, ["failed", "unknown"]],
  ["a connection that ends without a word", { kind: "vanish" }, ["outcome_unknown", "unknown"]],
  ["an answer cut in its middle", { kind: "cut", hasLength: false }, ["outcome_unknown", "unknown"]]
]

for (const [name, fault, expected] of faults) {
  it.scopedLive(`tells ${name} apart, and sends once`, () =>
    Effect.gen(function* () {
      const { adapter, emulator } = yield* house
      emulator.next(fault)
      const error = yield* Effect.flip(carriedOut(adapter, yield* callOf(quality)))
      assert.deepStrictEqual(told(error), expected)
      assert.strictEqual(emulator.requests.length, 1)
      assert.notMatch(error.message, /console|xa\*|team/)
    }).pipe(Logger.withMinimumLogLevel(LogLevel.None))
  )
}

it.scopedLive("every model makes images from a request to stored assets, and debits its quote", () =>
  Effect.gen(function* () {
    const emulator = yield* xaiEmulator
    yield* Effect.gen(function* () {
      const [image, reference] = yield* Effect.promise(() => Promise.all([inputImage(), inputImage(330)]))
      const input = yield* owned(image)
      const other = yield* owned(reference)
      for (const model of models) {
        const own = doesCreate(model)
          ? { outputCount: 2 }
          : ({
              command: "edit",
              image: input,
              aspectRatio: "auto",
              references: [{ asset_id: other, role: "reference_image", index: 0 }]
            } as const)
        const dry = yield* asked(model.id, own, true)
        const answer = yield* asked(model.id, own)
        assert.strictEqual(answer["status"], "completed", model.id)
        const pricing = isObject(dry["cost"]) ? dry["cost"]["credit_pricing"] : null
        const quota = answer["quota"]
        assert.strictEqual(
          isObject(quota) ? quota["consumed_credits"] : null,
          isObject(pricing) ? pricing["credits_required"] : undefined,
          model.id
        )
      }
      assert.strictEqual(emulator.requests.length, models.length)
    }).pipe(Effect.provide(layerMemoryHouse([xai], { XAI_API_KEY: xaiKey, XAI_BASE_URL: emulator.baseUrl })))
  })
)

it("charges today's price for the redirected slug, and says so", () => {
  assert.strictEqual(quality.lifecycle.replacement, "xai.grok-imagine-image-2.0")
  assert.include(quality.lifecycle.note ?? "", "2026-11-02")
  assert.include(quality.migrationHints.join(), "quality low")
  const rule = quality.price.rule
  assert.deepStrictEqual(
    rule.kind === "per_image" ? rule.tiers.map(({ ticks }) => Number(ticks)) : [],
    [400_000_000, 600_000_000]
  )
})
