import { ProviderId } from "@image-skill/core/kernel/Ids"
import { NotConfigured, type Plugin } from "@image-skill/core/provider/Provider"
import { Effect } from "effect"
import { models, unwiredNames } from "./models.ts"

/**
 * Providers whose models are known and shown, so that an agent that asks for one learns why it does not run. No key makes
 * them work: a plugin would.
 */
export const unwired: ReadonlyArray<Plugin> = [...unwiredNames].map(([id, displayName]) => ({
  id: ProviderId.make(id),
  displayName,
  get models() {
    return models().filter((model) => model.provider === id)
  },
  concurrency: 1,
  load: Effect.fail(new NotConfigured({ message: `no plugin of this build calls ${displayName}` }))
}))
