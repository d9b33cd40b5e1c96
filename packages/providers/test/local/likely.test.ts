import { assert, describe, it } from "@effect/vitest"
import { ModelId } from "@image-skill/core/kernel/Ids"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Proportion } from "@image-skill/core/kernel/Media"
import { defaultMultiplier } from "@image-skill/core/kernel/Money"
import { plan } from "@image-skill/core/studio/Planner"
import { plainRequest } from "@image-skill/core/testing/SimulatorRequests"
import { Effect, Either, Redacted } from "effect"
import { likelyRequest } from "../../src/local/likely.ts"
import { models } from "../../src/local/models.ts"
import { encodeCall } from "../../src/local/wire.ts"

const square = Proportion.make("1:1")

/** What the drawing thread is asked for by a live create of the same words; null where it is refused. */
const planned = (prompt: string, parameters: JsonObject, modelId: string | null) =>
  plan(
    plainRequest({
      prompt: Redacted.make(prompt),
      modelId: modelId === null ? null : ModelId.make(modelId),
      aspectRatio: square,
      parameters
    }),
    { models, isConfigured: () => true, assets: new Map(), multiplier: defaultMultiplier, today: "2026-11-22" }
  ).pipe(
    Either.match({
      onLeft: () => null,
      onRight: (found) =>
        Effect.runSync(encodeCall({ parameters: found.parameters, index: 0, prompt: found.request.prompt }))
    })
  )

const likely = (prompt: string, parameters: JsonObject) => likelyRequest({ prompt, aspectRatio: "1:1", parameters })

describe("the likely request of a drawing", () => {
  const cases: ReadonlyArray<JsonObject> = [
    {},
    { seed: 0 },
    { seed: 4_294_967_295 },
    { width: 1024, height: 1024, seed: 1 },
    { width: 64, height: 64 },
    { format: "webp" },
    { width: 512, height: 512, format: "jpeg" }
  ]
  for (const parameters of cases) {
    it(`is what planning comes to for ${JSON.stringify(parameters)}, with the model named and not`, () => {
      assert.deepStrictEqual(
        likely("a lighthouse", parameters),
        planned("a lighthouse", parameters, "local.procedural")
      )
      assert.deepStrictEqual(likely("a lighthouse", parameters), planned("a lighthouse", parameters, null))
    })
  }

  it("is left to planning where other words or sides decide", () => {
    const open: ReadonlyArray<JsonObject> = [
      { motif: "city" },
      { caption: "x" },
      { quality: 50 },
      { width: 512 },
      { width: 640, height: 480 },
      { width: 5, height: 5 },
      { seed: -1 },
      { seed: 1.5 },
      { format: "gif" },
      { none: 1 }
    ]
    for (const parameters of open) assert.isNull(likely("x", parameters), JSON.stringify(parameters))
    assert.isNull(likely("", {}))
    assert.isNull(likely(" x", {}))
    assert.isNull(likelyRequest({ prompt: "x", aspectRatio: "16:9", parameters: {} }))
  })
})
