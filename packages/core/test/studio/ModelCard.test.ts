import { assert, describe, it } from "@effect/vitest"
import { defaultMultiplier } from "../../src/kernel/Money.ts"
import { capabilitiesJson, fullJson } from "../../src/studio/ModelCard.ts"
import { fakeModel, fakeModels } from "../../src/testing/FakeProviderModels.ts"
import { misspelledKeys } from "../../src/testing/wireKeys.ts"

const context = { multiplier: defaultMultiplier, isConfigured: () => true, today: "2026-11-22" }

describe("A model on the wire", () => {
  it("has keys in snake_case only, whatever the model is", () => {
    const files = { mediaTypes: ["image/png"], bytesMax: 1, mask: null } as const
    const plain = fakeModel("plain", {})
    const fitted = fakeModel("fitted", { input: { ...plain.input, image: "required", files } })
    const cards = [...fakeModels, fitted].map((model) => fullJson(model, context))
    assert.deepStrictEqual(misspelledKeys(cards), [])
    assert.deepStrictEqual(misspelledKeys(capabilitiesJson(fakeModels, context)), [])
  })

  it("tells which of its parameters are kept out of receipts", () => {
    const card = fullJson(
      fakeModel("words", {
        parameters: { caption: { schema: { type: "string" }, execution: "executable" } }
      }),
      context
    )
    assert.deepNestedInclude(card, { "model_parameters.properties.caption.x-sensitive": true })
  })
})
