import { providerSuite } from "@image-skill/core/testing/providerSuite"
import { xai } from "../../src/xai/plugin.ts"
import { failing, over } from "../openai/suites.ts"
import { answers, xaiEmulator, xaiKey } from "./emulator.ts"

const environment = (baseUrl: string) => ({ XAI_API_KEY: xaiKey, XAI_BASE_URL: baseUrl })

providerSuite("xai", over(xai, xaiEmulator, environment), {
  failing: failing(xai, xaiEmulator, environment, { kind: "answer", answer: answers.invalidKey })
})
