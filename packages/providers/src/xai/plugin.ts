import { define } from "@image-skill/core/provider/Provider"
import { Config } from "effect"
import { apiKey, baseUrl } from "../internal/endpointConfig.ts"
import { lazyAdapter } from "../internal/lazyAdapter.ts"
import { models, xaiId } from "./models.ts"

/** xAI's Images API: `XAI_API_KEY`, and `XAI_BASE_URL` for a gateway in front of it. */
export const xai = define({
  id: xaiId,
  displayName: "xAI",
  models,
  config: Config.all({
    apiKey: apiKey("XAI_API_KEY"),
    baseUrl: Config.withDefault(baseUrl("XAI_BASE_URL"), "https://api.x.ai/v1")
  }),
  make: (endpoint) => lazyAdapter(async () => (await import("./adapter.ts")).makeXaiAdapter(endpoint)),
  // About 300 requests a minute are allowed, and an image takes seconds.
  concurrency: 5
})
