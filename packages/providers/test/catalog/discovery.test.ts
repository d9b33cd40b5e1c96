import { assert, describe, it } from "@effect/vitest"
import type { Model } from "@image-skill/core/catalog/Model"
import { CreditPolicy } from "@image-skill/core/pricing/CreditPolicy"
import { ProviderRegistry } from "@image-skill/core/provider/ProviderRegistry"
import { CatalogView, type ModelsQuery } from "@image-skill/core/studio/CatalogView"
import { Effect, Layer } from "effect"
import { builtIn } from "../../src/builtIn.ts"

const known: ReadonlyMap<string, string> = new Map([
  ["openai", "OPENAI_API_KEY"],
  ["fal", "FAL_KEY"],
  ["xai", "XAI_API_KEY"]
])

/** The built-in catalogue in a house where only these providers have their keys. */
const registryWith = (configured: ReadonlyArray<string>) =>
  Layer.effect(
    ProviderRegistry,
    Effect.map(builtIn, (plugins) => ({
      models: plugins.flatMap(({ models }): ReadonlyArray<Model> => models),
      statuses: plugins.map(({ displayName, id }) => {
        const isReady = configured.includes(id)
        const setting = known.get(id)
        return {
          id,
          displayName,
          problem: isReady ? null : "not configured",
          settings: isReady || setting === undefined ? [] : [setting],
          cataloged: isReady || setting !== undefined ? null : "nothing here calls it"
        }
      }),
      isConfigured: (id: string) => configured.includes(id),
      concurrencyOf: () => 1,
      model: () => undefined,
      get: () => Effect.die("nothing is called")
    }))
  )

const look = (query: ModelsQuery, configured: ReadonlyArray<string> = ["local"]) =>
  Effect.flatMap(CatalogView, (view) => view.models(query)).pipe(
    Effect.provide(
      Layer.provide(CatalogView.Default, Layer.mergeAll(registryWith(configured), CreditPolicy.layerDefault))
    )
  )

const found = (query: Omit<ModelsQuery, "view">, configured?: ReadonlyArray<string>) =>
  Effect.map(look({ ...query, view: "find" }, configured), ({ models }) =>
    Array.isArray(models) ? models.map((row): string => String(row.model_id)) : []
  )

describe("the overview", () => {
  it.effect("is under 2 KB with its envelope, whatever is configured", () =>
    Effect.gen(function* () {
      for (const configured of [[], ["local"], ["local", "openai"], ["local", "openai", "fal", "xai"]]) {
        const text = JSON.stringify(yield* look({ view: "overview" }, configured))
        assert.isBelow(text.length + 300, 2048)
      }
    })
  )

  it.effect(
    "names for each intent what would be chosen, its price and its command, or the setting that is missing",
    () =>
      Effect.gen(function* () {
        const bare = yield* look({ view: "overview" })
        assert.deepInclude(bare.best, {
          operation: "image.generate",
          intents: ["explore", "final"],
          model_id: "local.procedural",
          credits_required: 0,
          estimated_usd_per_image: 0,
          command:
            'image-skill create --prompt "a lighthouse in a storm" --model local.procedural --output create.png --brief --json'
        })
        const rich = JSON.stringify(yield* look({ view: "overview" }, ["local", "openai"]))
        assert.include(rich, '"intents":["final"]')
        assert.include(rich, "--intent final --max-estimated-usd-per-image")
        assert.include(JSON.stringify(bare.best), '"needs":["XAI_API_KEY"]')
      })
  )
})

describe("finding models", () => {
  it.effect("puts what can be called first, and leaves out what fits fewer words", () =>
    Effect.gen(function* () {
      const names = yield* found({ query: "remove background", limit: 20 })
      assert.isTrue(names.slice(0, 3).every((name) => name.startsWith("fal.")))
      assert.notInclude(names, "local.procedural")
      assert.deepStrictEqual((yield* found({ query: "procedural" }))[0], "local.procedural")
      assert.deepStrictEqual(yield* found({ query: "xyzzy" }), [])
    })
  )

  it.effect("sorts by price and by speed, and holds prices against a limit", () =>
    Effect.gen(function* () {
      const rows = (yield* look({ view: "find", operation: "create", sort: "price", max_credits: 5, limit: 50 })).models
      const credits = Array.isArray(rows) ? rows.map((row) => Number(row.credits_required)) : []
      assert.isAbove(credits.length, 3)
      assert.deepStrictEqual(
        credits,
        [...credits].sort((a, b) => a - b)
      )
      assert.isAtMost(Math.max(...credits), 5)
      assert.strictEqual((yield* found({ operation: "create", sort: "latency" }))[0], "local.procedural")
    })
  )
})
