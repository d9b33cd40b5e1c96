import { providerSuite } from "@image-skill/core/testing/providerSuite"
import { openai } from "../../src/openai/plugin.ts"
import { answers, openaiEmulator, openaiKey } from "./emulator.ts"
import { failing, over } from "./suites.ts"

const environment = (baseUrl: string) => ({ OPENAI_API_KEY: openaiKey, OPENAI_BASE_URL: baseUrl })

providerSuite("openai", over(openai, openaiEmulator, environment), {
  failing: failing(openai, openaiEmulator, environment, { kind: "answer", answer: answers.invalidKey })
})
