import type { Plugin } from "@image-skill/core/provider/Provider"
import { Effect } from "effect"
import { fal } from "./fal/index.ts"
import { local } from "./local/index.ts"
import { openai } from "./openai/index.ts"
import { openaiCompatible } from "./openai-compatible/index.ts"
import { unwired } from "./unwired/index.ts"
import { xai } from "./xai/index.ts"

/** Every provider of this package. Those without their key, and those that no plugin calls, are listed as not configured. */
export const builtIn: Effect.Effect<ReadonlyArray<Plugin>> = Effect.map(openaiCompatible, (compatible) => [
  local,
  openai,
  xai,
  fal,
  compatible,
  ...unwired
])
