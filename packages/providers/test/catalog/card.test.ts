import { assert, describe, it } from "@effect/vitest"
import { defaultMultiplier } from "@image-skill/core/kernel/Money"
import { capabilitiesJson, fullJson } from "@image-skill/core/studio/ModelCard"
import { misspelledKeys } from "@image-skill/core/testing/wireKeys"
import { Effect } from "effect"
import { builtIn } from "../../src/builtIn.ts"

const context = { multiplier: defaultMultiplier, isConfigured: () => true, today: "2026-11-22" }

describe("The catalogue on the wire", () => {
  it.effect("has keys in snake_case only, in every model", () =>
    Effect.map(builtIn, (plugins) => {
      const models = plugins.flatMap((plugin) => plugin.models)
      assert.isAbove(models.length, 100)
      assert.deepStrictEqual(misspelledKeys(models.map((model) => fullJson(model, context))), [])
      assert.deepStrictEqual(misspelledKeys(capabilitiesJson(models, context)), [])
    })
  )
})
