import { define } from "@image-skill/core/provider/Provider"
import { Config } from "effect"
import { makeSyncAdapter, openaiDialect } from "./adapter.ts"
import { apiKey, baseUrl } from "./endpointConfig.ts"
import { models, openaiId } from "./models.ts"

/** OpenAI's Images API: `OPENAI_API_KEY`, and `OPENAI_BASE_URL` for a gateway in front of it. */
export const openai = define({
  id: openaiId,
  displayName: "OpenAI",
  models,
  config: Config.all({
    apiKey: apiKey("OPENAI_API_KEY"),
    baseUrl: Config.withDefault(baseUrl("OPENAI_BASE_URL"), "https://api.openai.com/v1")
  }),
  make: (endpoint) => makeSyncAdapter(endpoint, openaiDialect),
  concurrency: 8
})
