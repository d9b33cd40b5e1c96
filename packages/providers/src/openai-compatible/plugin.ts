import { define, type Plugin } from "@image-skill/core/provider/Provider"
import { Config, DateTime, Effect, Schema } from "effect"
import { apiKey, baseUrl } from "../internal/endpointConfig.ts"
import { lazyAdapter } from "../internal/lazyAdapter.ts"
import { ModelDefinitions } from "./definition.ts"
import { compatibleId, modelsOf } from "./models.ts"

const definitions = Schema.Config("OPENAI_COMPATIBLE_MODELS", ModelDefinitions)

/**
 * Any server that speaks the OpenAI Images API, such as LocalAI, vLLM or SGLang. Its models are config, so the plugin is
 * read from it: `OPENAI_COMPATIBLE_BASE_URL` (with `/v1`), `OPENAI_COMPATIBLE_MODELS`, and `OPENAI_COMPATIBLE_API_KEY`
 * where the server asks for one. Never fails: what cannot be read is the reason why the plugin is not configured.
 */
export const openaiCompatible: Effect.Effect<Plugin> = Effect.gen(function* () {
  const known = yield* Effect.orElseSucceed(definitions, () => [])
  const asOf = DateTime.formatIsoDateUtc(yield* DateTime.now)
  return define({
    id: compatibleId,
    displayName: "OpenAI-compatible",
    models: modelsOf(known, asOf),
    config: Config.all({
      baseUrl: baseUrl("OPENAI_COMPATIBLE_BASE_URL"),
      apiKey: Config.withDefault(apiKey("OPENAI_COMPATIBLE_API_KEY"), null),
      definitions
    }),
    make: (endpoint) => lazyAdapter(async () => (await import("./adapter.ts")).makeCompatibleAdapter(endpoint)),
    concurrency: 2
  })
})
