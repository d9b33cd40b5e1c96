import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { collect } from "../../src/assets/ResultSpool.ts"
import { Ids } from "../../src/kernel/Ids.ts"
import { limits } from "../../src/kernel/Limits.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { resultSpoolSuite } from "../../src/testing/suites/ResultSpoolSuite.ts"

resultSpoolSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))

it.effect("takes a reply of the most bytes that one may have, and refuses one more", () =>
  Effect.gen(function* () {
    const replyOf = (bytes: number) =>
      collect({ contentType: "image/png", facts: {}, body: Effect.sync(() => new Uint8Array(bytes)) })
    assert.lengthOf((yield* replyOf(limits.replyBytesMax)).bytes, limits.replyBytesMax)
    const { billed, reason } = yield* Effect.flip(replyOf(limits.replyBytesMax + 1))
    assert.deepStrictEqual({ billed, reason }, { billed: "unknown", reason: "bad_output" })
  })
)
