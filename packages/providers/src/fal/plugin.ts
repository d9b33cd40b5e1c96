import { define } from "@image-skill/core/provider/Provider"
import { Config } from "effect"
import { apiKey, baseUrl } from "../internal/endpointConfig.ts"
import { lazyQueue } from "../internal/lazyAdapter.ts"
import { falId, models } from "./models.ts"

const urlOf = (name: string, otherwise: string) =>
  Config.map(Config.withDefault(baseUrl(name), otherwise), (text) => new URL(text))

/**
 * fal's queue of hosted models: `FAL_KEY`; `FAL_QUEUE_BASE_URL` and `FAL_STORAGE_BASE_URL` for a gateway in front of the
 * queue and of the storage that takes images above 10 MiB.
 */
export const fal = define({
  id: falId,
  displayName: "fal",
  models,
  config: Config.all({
    apiKey: apiKey("FAL_KEY"),
    baseUrl: urlOf("FAL_QUEUE_BASE_URL", "https://queue.fal.run"),
    storageUrl: urlOf("FAL_STORAGE_BASE_URL", "https://rest.fal.ai")
  }),
  make: (endpoint) => lazyQueue("1 second", async () => (await import("./adapter.ts")).makeAdapter(endpoint)),
  // Of submissions, which are quick: the work itself waits in fal's queue.
  concurrency: 8
})
