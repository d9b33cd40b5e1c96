import { providerSuite } from "@image-skill/core/testing/providerSuite"
import { ConfigProvider, Effect } from "effect"
import { openaiCompatible } from "../../src/openai-compatible/plugin.ts"
import { answers, openaiEmulator, openaiKey } from "../openai/emulator.ts"
import { failing, over } from "../openai/suites.ts"

const definitions = [
  { id: "sd-turbo", operations: ["create", "edit"], sizes: ["512x512"], mask: true, price_usd_per_image: 0 },
  { id: "bare", response_format: null, price_usd_per_image: 0.01 },
  { id: "unpriced" }
]

const environment = (baseUrl: string) => ({
  OPENAI_COMPATIBLE_BASE_URL: baseUrl,
  OPENAI_COMPATIBLE_API_KEY: openaiKey,
  OPENAI_COMPATIBLE_MODELS: JSON.stringify(definitions)
})

const plugin = Effect.runSync(
  Effect.withConfigProvider(
    openaiCompatible,
    ConfigProvider.fromMap(new Map(Object.entries(environment("http://127.0.0.1/v1"))))
  )
)

providerSuite("openai-compatible", over(plugin, openaiEmulator, environment), {
  failing: failing(plugin, openaiEmulator, environment, { kind: "answer", answer: answers.overloaded })
})
