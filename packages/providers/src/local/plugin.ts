import { define } from "@image-skill/core/provider/Provider"
import { Config, Effect } from "effect"
import { lazyAdapter } from "../internal/lazyAdapter.ts"
import { localId, models } from "./models.ts"

/** The embedded provider: draws and edits on this machine, without a key and without cost. */
export const local = define({
  id: localId,
  displayName: "Embedded",
  models,
  config: Config.succeed(undefined),
  make: () => lazyAdapter(async () => Effect.succeed((await import("./adapter.ts")).adapter)),
  concurrency: 2
})
