import { assert, describe, it } from "@effect/vitest"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import { AspectRatio } from "@image-skill/core/kernel/Media"
import { ProviderRegistry, readinessOf } from "@image-skill/core/provider/ProviderRegistry"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Effect, Schema } from "effect"
import { builtIn } from "../../src/builtIn.ts"
import { asked, layerMemoryHouse } from "../openai/memoryHouse.ts"

const inHouse = <A, E, R>(use: Effect.Effect<A, E, R>) =>
  Effect.flatMap(builtIn, (plugins) => Effect.provide(use, layerMemoryHouse(plugins, {})))

const at = (answer: JsonObject, ...path: ReadonlyArray<string>): Json =>
  path.reduce<Json>((value, name) => (isObject(value) ? (value[name] ?? null) : null), answer)

const expected = (modelId: string, own: Partial<ImageRequest>) =>
  Effect.map(asked(modelId, own, true), (answer) => {
    const output = at(answer, "request", "selection", "output")
    return isObject(output) ? Object.values(output) : []
  })

const wide = Schema.decodeSync(AspectRatio)("16:9")

describe("a house without any key", () => {
  it.scoped("tells a provider that lacks a key from one that nothing here calls", () =>
    inHouse(
      Effect.gen(function* () {
        const { statuses } = yield* ProviderRegistry
        const named = Object.fromEntries(statuses.map((one) => [one.id, readinessOf(one)]))
        assert.deepInclude(named, { local: "available", fal: "unconfigured", google: "cataloged" })
        assert.strictEqual(named["openai-compatible"], "unconfigured")
        const only = (id: string) => Effect.flip(asked("", { modelId: null, providerId: ProviderId.make(id) }))
        const listed = yield* only("google")
        assert.strictEqual(listed.code, "MODEL_NOT_EXECUTABLE")
        assert.include(listed.message, "no plugin of this build calls Google Gemini")
        assert.strictEqual((yield* only("fal")).code, "PROVIDER_UNAVAILABLE")
        // By its model's name the same is said.
        const model = (yield* ProviderRegistry).models.find(({ provider }) => provider === "google") ?? assert.fail()
        assert.strictEqual((yield* Effect.flip(asked(ModelId.make(model.id), {}))).code, listed.code)
      })
    )
  )

  it.scoped("says the class of size that a model will make, and the short edge of a square of it", () =>
    inHouse(
      Effect.gen(function* () {
        const grok = "xai.grok-imagine-image-quality"
        assert.deepStrictEqual(yield* expected(grok, {}), ["1k", null, null, 1024])
        assert.deepStrictEqual(yield* expected(grok, { parameters: { resolution: "2k" } }), ["2k", null, null, 2048])
        // What a class makes of other ratios is not published.
        assert.deepStrictEqual(yield* expected(grok, { aspectRatio: wide }), ["1k", null, null, null])
        const banana = { parameters: { resolution: "4K" } }
        assert.deepStrictEqual(yield* expected("fal.nano-banana-pro", banana), ["4k", null, null, 4096])
      })
    )
  )
})
