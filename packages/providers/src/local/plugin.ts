import { define } from "@image-skill/core/provider/Provider"
import { Config, Effect } from "effect"
import { adapter } from "./adapter.ts"
import { localId, models } from "./models.ts"

/** The embedded provider: draws and edits on this machine, without a key and without cost. */
export const local = define({
  id: localId,
  displayName: "Embedded",
  models,
  config: Config.succeed(undefined),
  make: () => Effect.succeed(adapter),
  concurrency: 2
})
