import { assert, describe, it } from "@effect/vitest"
import type { Model } from "@image-skill/core/catalog/Model"
import { doesCreate } from "@image-skill/core/catalog/Model"
import { AssetId } from "@image-skill/core/kernel/Ids"
import { isObject, type JsonObject } from "@image-skill/core/kernel/Json"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Effect, Redacted } from "effect"
import { models as allModels, routes } from "../../src/fal/models.ts"
import { type Emulator, startEmulator } from "./emulator.ts"
import { asked, layerHouse, owned, ratio, request } from "./house.ts"
import { executable, neededBy, ofEachKind } from "./samples.ts"

const models = allModels()

const key = "key-id:key-secret"

/** A plain request for any model: only what it needs. */
const plain = (model: Model): ImageRequest =>
  request({
    command: doesCreate(model) ? "create" : "edit",
    modelId: model.id,
    aspectRatio: ratio(doesCreate(model) ? "1:1" : "auto"),
    prompt: model.input.prompt === "required" ? Redacted.make("a lighthouse in a storm") : null,
    image: model.input.image === "required" ? AssetId.make("image_input") : null,
    mask: model.input.mask === "required" ? AssetId.make("image_mask") : null,
    references:
      model.input.references?.kind === "images" && (model.input.references.indexesMin ?? 0) > 0
        ? [{ asset_id: AssetId.make("image_reference"), role: "reference_image", index: 0 }]
        : [],
    parameters: neededBy(model)
  })

const inHouse = <A, E, R>(use: (emulator: Emulator) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const emulator = yield* startEmulator(key)
    return yield* Effect.gen(function* () {
      yield* owned("input", 640, 480)
      yield* owned("mask", 640, 480)
      yield* owned("reference", 512, 512)
      return yield* use(emulator)
    }).pipe(Effect.provide(layerHouse(emulator, key)))
  })

const pricing = (answer: JsonObject): JsonObject => {
  const cost = answer["cost"]
  const own = isObject(cost) ? cost["credit_pricing"] : undefined
  return isObject(own) ? own : {}
}

describe("fal's catalogue", () => {
  it("has every route of the contract executable, and most of the rest", () => {
    assert.isAtLeast(executable.length, 140)
    assert.strictEqual(new Set(models.map((model) => model.id)).size, models.length)
    assert.isTrue(executable.some((model) => model.operations.includes("image.upscale")))
    assert.isTrue(executable.some((model) => model.operations.includes("image.remove_background")))
  })

  // Every model is run by catalog/debits.long.test.ts; the suite of plugins calls each.
  it.live("runs models of every kind through the queue, and debits what the dry run said", () =>
    inHouse((emulator) =>
      Effect.gen(function* () {
        yield* Effect.forEach(
          ofEachKind,
          (model) =>
            Effect.gen(function* () {
              const dry = yield* asked(plain(model), true)
              const done = yield* asked(plain(model))
              assert.strictEqual(done["status"], "completed", model.id)
              const planned = pricing(dry)
              assert.deepStrictEqual(pricing(done), planned, model.id)
              const settled = isObject(done["cost"]) ? done["cost"]["settled_credits"] : null
              assert.strictEqual(settled, planned["credits_required"] ?? planned["max_credits"], model.id)
            }).pipe(
              Effect.mapError(
                (error) => new Error(`${model.id}: ${error._tag} ${String(error)} ${JSON.stringify(error)}`)
              )
            ),
          { discard: true, concurrency: 8 }
        )
        assert.deepStrictEqual(
          emulator.submissions.map(({ endpoint }) => endpoint).sort(),
          ofEachKind.map(({ id }) => routes().get(id)?.endpoint ?? "").sort()
        )
      })
    ).pipe(Effect.scoped)
  )
})
