import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { ProviderId } from "../../src/kernel/Ids.ts"
import { NotConfigured, type Plugin } from "../../src/provider/Provider.ts"
import { ProviderRegistry } from "../../src/provider/ProviderRegistry.ts"
import { fakeModels, fakeProviderId } from "../../src/testing/FakeProviderModels.ts"

const load = Effect.fail(new NotConfigured({ message: "no key", settings: ["KEY"] }))
const first: Plugin = { id: fakeProviderId, displayName: "Fake", models: fakeModels, concurrency: 1, load }

it.scoped("looks into no other provider's models for one of the first", () =>
  Effect.gen(function* () {
    const looks: Array<string> = []
    const large: Plugin = {
      ...first,
      id: ProviderId.make("large"),
      get models() {
        looks.push("large")
        return []
      }
    }
    const plugins = [first, large]
    const registry = yield* Effect.provide(ProviderRegistry, ProviderRegistry.layer([], plugins))
    const model = fakeModels[0] ?? assert.fail()
    assert.strictEqual(registry.model(model.id), model)
    assert.deepStrictEqual([registry.statuses.length, looks], [2, []])
    assert.strictEqual(registry.model("large.none"), undefined)
    assert.deepStrictEqual(registry.models, fakeModels)
    assert.isAbove(looks.length, 0)
  })
)
