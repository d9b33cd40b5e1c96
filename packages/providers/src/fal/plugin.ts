import { define } from "@image-skill/core/provider/Provider"
import { Config, ConfigError, Either } from "effect"
import { makeAdapter } from "./adapter.ts"
import { falId, models } from "./models.ts"

const queueUrl = Config.nonEmptyString("FAL_QUEUE_BASE_URL").pipe(
  Config.withDefault("https://queue.fal.run"),
  Config.mapOrFail((text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    return url !== null && /^https?:$/.test(url.protocol)
      ? Either.right(url)
      : Either.left(ConfigError.InvalidData(["FAL_QUEUE_BASE_URL"], "it must be an http or https URL"))
  })
)

/** fal's queue of hosted models: `FAL_KEY`, and `FAL_QUEUE_BASE_URL` for a gateway in front of it. */
export const fal = define({
  id: falId,
  displayName: "fal",
  models,
  config: Config.all({
    apiKey: Config.redacted(Config.map(Config.nonEmptyString("FAL_KEY"), (text) => text.trim())),
    baseUrl: queueUrl
  }),
  make: makeAdapter,
  // Of submissions, which are quick: the work itself waits in fal's queue.
  concurrency: 8
})
