import type { Model } from "@image-skill/core/catalog/Model"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import { ProviderError } from "@image-skill/core/provider/Provider"
import { SafeFetch } from "@image-skill/core/provider/SafeFetch"
import { ConfigProvider, Effect, Layer } from "effect"
import { fal } from "../../src/fal/index.ts"
import { local } from "../../src/local/index.ts"
import { openai } from "../../src/openai/index.ts"
import { openaiCompatible } from "../../src/openai-compatible/index.ts"
import { xai } from "../../src/xai/index.ts"
import { startEmulator } from "../fal/emulator.ts"
import { openaiEmulator, openaiKey } from "../openai/emulator.ts"
import { layerMemoryHouse } from "../openai/memoryHouse.ts"
import { xaiEmulator, xaiKey } from "../xai/emulator.ts"

const falKey = "key-id:key-secret"

const ownModels = JSON.stringify([
  {
    id: "sd-turbo",
    operations: ["create", "edit"],
    sizes: ["512x512", "768x512"],
    outputs_max: 3,
    price_usd_per_image: "0.002"
  }
])

const layerFetch = (origin: string) =>
  Layer.succeed(SafeFetch, {
    bytes: (url) =>
      url.startsWith(`${origin}/files/`)
        ? Effect.promise(async () => new Uint8Array(await (await fetch(url)).arrayBuffer()))
        : Effect.fail(new ProviderError({ reason: "bad_output", message: "a foreign address", billed: "unknown" }))
  })

/** The whole house in memory, with every provider that this build calls, each before its emulator. */
export const allProviders = Effect.gen(function* () {
  const queue = yield* startEmulator(falKey)
  const [images, grok] = [yield* openaiEmulator, yield* xaiEmulator]
  const environment = {
    FAL_KEY: falKey,
    FAL_QUEUE_BASE_URL: queue.url,
    FAL_STORAGE_BASE_URL: queue.url,
    OPENAI_API_KEY: openaiKey,
    OPENAI_BASE_URL: images.baseUrl,
    OPENAI_COMPATIBLE_API_KEY: openaiKey,
    OPENAI_COMPATIBLE_BASE_URL: images.baseUrl,
    OPENAI_COMPATIBLE_MODELS: ownModels,
    XAI_API_KEY: xaiKey,
    XAI_BASE_URL: grok.baseUrl
  }
  const compatible = yield* Effect.withConfigProvider(
    openaiCompatible,
    ConfigProvider.fromMap(new Map(Object.entries(environment)))
  )
  const plugins = [local, openai, xai, fal, compatible]
  return {
    models: plugins.flatMap((plugin) => plugin.models).filter(({ execution }) => execution === "executable"),
    layer: layerMemoryHouse(plugins, environment, layerFetch(queue.url))
  }
})

const anyOf = (model: Model, name: string): Json => {
  const schema = model.parameters[name]?.schema
  if (schema === undefined || !("type" in schema)) return "square_hd"
  return schema.type === "array" ? [1200, 800] : schema.type === "number" ? (schema.minimum ?? 1) : "square_hd"
}

/** A parameter that a model cannot do without, where none of those that would do is given. */
export const neededBy = (model: Model, given: JsonObject): JsonObject =>
  Object.fromEntries(
    (model.constraints ?? []).flatMap(
      (rule): ReadonlyArray<readonly [string, Json]> =>
        rule.kind !== "one_of" || rule.names.some((name) => given[name] !== undefined)
          ? []
          : [[rule.names[0], anyOf(model, rule.names[0])]]
    )
  )
