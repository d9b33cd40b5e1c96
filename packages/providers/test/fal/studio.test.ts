import { assert, describe, it } from "@effect/vitest"
import { AssetId } from "@image-skill/core/kernel/Ids"
import { isObject, type JsonObject } from "@image-skill/core/kernel/Json"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Effect, Redacted } from "effect"
import { type Fault, startEmulator } from "./emulator.ts"
import { asked, layerHouse, owned, ratio, request } from "./house.ts"

const key = "key-id:key-secret"

/** The house's answer to a request while the emulator does this; a failure as its code and its money. */
const answered = (fault: Fault, changes: Partial<ImageRequest>) =>
  Effect.gen(function* () {
    const emulator = yield* startEmulator(key)
    emulator.set(fault)
    return yield* Effect.gen(function* () {
      yield* owned("input", 640, 480)
      return yield* asked(request(changes)).pipe(
        Effect.catchTag("Failure", ({ code, details }) => {
          const failure: JsonObject = { code, money: isObject(details) ? (details["money"] ?? null) : null }
          return Effect.succeed(failure)
        })
      )
    }).pipe(Effect.provide(layerHouse(emulator, key)))
  }).pipe(Effect.scoped)

const flux = { modelId: "fal.flux-dev", prompt: Redacted.make("a lighthouse in a storm") }
const cutOut = {
  command: "edit" as const,
  modelId: "fal.birefnet",
  aspectRatio: ratio("auto"),
  image: AssetId.make("image_input")
}

const settled = (answer: JsonObject) => (isObject(answer["cost"]) ? answer["cost"]["settled_credits"] : null)
const assets = (answer: JsonObject) => (Array.isArray(answer["assets"]) ? answer["assets"].length : 0)

describe("the house with fal", () => {
  it.live("settles the images that came, and not the one that was blackened", () =>
    Effect.map(answered({ kind: "flagged", index: 0 }, { ...flux, outputCount: 3 }), (answer) => {
      assert.strictEqual(assets(answer), 2)
      assert.strictEqual(settled(answer), 10)
    })
  )

  it.live("refuses by policy when all that came is black, and gives the money back", () =>
    Effect.map(answered({ kind: "flagged", index: 0 }, flux), (answer) =>
      assert.deepStrictEqual(answer, { code: "CONTENT_POLICY_DENIED", money: { held: 0, settled: 0, released: 5 } })
    )
  )

  it.live("believes the bytes, and not what is said of them", () =>
    Effect.map(answered({ kind: "lies" }, flux), (answer) =>
      assert.deepStrictEqual(answer, { code: "PROVIDER_FAILURE", money: { held: 0, settled: 0, released: 5 } })
    )
  )

  it.live("takes no more images than were asked for", () =>
    Effect.map(answered({ kind: "too_many" }, flux), (answer) => {
      assert.strictEqual(assets(answer), 1)
      assert.strictEqual(settled(answer), 5)
    })
  )

  it.live("settles unknown cost from the billed units, and at the hold without them", () =>
    Effect.gen(function* () {
      // 12.5 seconds at $0.0008 are $0.01: 1.7 credits, rounded up.
      assert.strictEqual(settled(yield* answered({ kind: "units", units: "12.5" }, cutOut)), 2)
      // 60 seconds are held.
      assert.strictEqual(settled(yield* answered({ kind: "none" }, cutOut)), 9)
    })
  )

  it.live("does not know the outcome when the answer to the paid request is lost", () =>
    Effect.map(answered({ kind: "submit_lost" }, flux), (answer) =>
      assert.deepStrictEqual(answer, { code: "PROVIDER_OUTCOME_UNKNOWN", money: { held: 0, settled: 0, released: 5 } })
    )
  )
})
