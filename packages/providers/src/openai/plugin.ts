import { define } from "@image-skill/core/provider/Provider"
import { Config } from "effect"
import { apiKey, baseUrl } from "../internal/endpointConfig.ts"
import { lazyAdapter } from "../internal/lazyAdapter.ts"
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
  make: (endpoint) => lazyAdapter(async () => (await import("./adapter.ts")).makeOpenAiAdapter(endpoint)),
  concurrency: 8
})
