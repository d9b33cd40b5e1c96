import { assert, describe, it } from "@effect/vitest"
import { Model } from "@image-skill/core/catalog/Model"
import { isSensitive, type ValueSchema } from "@image-skill/core/catalog/Parameters"
import { Effect, Option, Schema } from "effect"
import { builtIn } from "../../src/builtIn.ts"

/** The routes whose public ids the contract fixes. */
const contract = `
fal.flux-dev fal.flux-pro-v1-1-ultra fal.z-image-turbo fal.z-image-turbo-image-to-image fal.nano-banana-2
fal.nano-banana-2-edit fal.ideogram-v2-edit fal.gemini-3-pro-image-preview fal.gemini-3-pro-image-preview-edit
fal.nano-banana-pro fal.nano-banana-pro-edit fal.flux-pro-kontext fal.flux-pro-kontext-max
fal.bytedance-seedream-v4-5-text-to-image fal.bytedance-seedream-v4-5-edit fal.bytedance-seedream-v5-lite-text-to-image
fal.bytedance-seedream-v5-lite-edit fal.kling-image-o1 fal.kling-image-o3-text-to-image
fal.kling-image-o3-image-to-image fal.kling-image-v3-text-to-image fal.kling-image-v3-image-to-image fal.dreamo
fal.flux-dev-redux fal.flux-krea-redux fal.flux-schnell-redux openai.gpt-image-1.5 openai.gpt-image-1.5-edit
openai.gpt-image-2 openai.gpt-image-2-edit xai.grok-imagine-image xai.grok-imagine-image-edit
xai.grok-imagine-image-quality xai.grok-imagine-image-quality-edit`
  .trim()
  .split(/\s+/)

const models = Effect.map(builtIn, (plugins) => plugins.flatMap((plugin) => plugin.models))

const texts = (schema: ValueSchema): ReadonlyArray<Extract<ValueSchema, { type: "string" }>> => {
  if ("anyOf" in schema) return schema.anyOf.flatMap(texts)
  if (schema.type === "string") return [schema]
  if (schema.type === "array") return texts(schema.items)
  return schema.type === "object" ? Object.values(schema.properties).flatMap(texts) : []
}

describe("The catalogue of this package", () => {
  it.effect("runs every model that the contract names, and 150 in all", () =>
    Effect.map(models, (all) => {
      const running = all.filter(({ execution }) => execution === "executable").map(({ id }): string => id)
      assert.deepStrictEqual(
        contract.filter((id) => !running.includes(id)),
        []
      )
      assert.isAtLeast(running.length, 150)
      assert.isAtLeast(all.length, 220)
      assert.strictEqual(new Set(all.map(({ id }) => id)).size, all.length)
    })
  )

  it.effect("fits the schema, which is not checked at a start", () =>
    Effect.map(models, (all) => {
      const read = Schema.validateOption(Model)
      assert.deepStrictEqual(
        all.filter((model) => Option.isNone(read({ ...model }))).map(({ id }) => id),
        []
      )
    })
  )

  it.effect("says why it does not run what it lists, models and parameters", () =>
    Effect.map(models, (all) => {
      for (const { execution, id, parameters } of all) {
        if (execution !== "executable") assert.isAbove(execution.cataloged.length, 10, id)
        for (const [name, one] of Object.entries(parameters)) {
          if (one.execution !== "executable") assert.isAbove((one.reason ?? "").length, 10, `${id} ${name}`)
        }
      }
    })
  )

  it.effect("does not open adapters: LoRA and ControlNet stay listed, or closed", () =>
    Effect.map(models, (all) => {
      const open = all.flatMap(({ execution, id, parameters }) =>
        execution === "executable"
          ? Object.entries(parameters)
              .filter(([name, one]) => /lora|controlnet|ip_adapter/i.test(name) && one.execution === "executable")
              .map(([name]) => `${id} ${name}`)
          : []
      )
      assert.deepStrictEqual(open, [])
    })
  )

  it.effect("upscales and takes backgrounds away", () =>
    Effect.map(models, (all) => {
      const does = all.filter(({ execution }) => execution === "executable").flatMap(({ operations }) => operations)
      assert.includeMembers(does, ["image.upscale", "image.remove_background"])
    })
  )

  it.effect("dates every price, and says where it is from", () =>
    Effect.map(models, (all) => {
      for (const { id, price } of all) {
        assert.match(price.asOf, /^2026-\d\d-\d\d$/, id)
        assert.isAbove(price.source.length, 5, id)
      }
    })
  )

  it.effect("keeps every free text to its caller", () =>
    Effect.map(models, (all) => {
      const repeated = all.flatMap(({ id, parameters }) =>
        Object.entries(parameters)
          .filter(([, one]) => texts(one.schema).some((text) => text.enum === undefined && text.pattern === undefined))
          .filter(([, one]) => !isSensitive(one))
          .map(([name]) => `${id} ${name}`)
      )
      assert.deepStrictEqual(repeated, [])
      // What these two are is the rule's proof: words, and a form that has no room for them.
      const local = all.find(({ id }) => id === "local.procedural")
      assert.deepStrictEqual(local?.parameters["caption"] && isSensitive(local.parameters["caption"]), true)
      const size = all.find(({ id }) => id === "openai.gpt-image-2")?.parameters["size"]
      assert.deepStrictEqual(size && isSensitive(size), false)
    })
  )
})
