import type { Plugin } from "@image-skill/core/provider/Provider"
import { type ProviderSuiteOptions, providerSuite } from "@image-skill/core/testing/providerSuite"
import { ConfigProvider, Effect } from "effect"
import { fal } from "../../src/fal/index.ts"
import { type Fault, startEmulator } from "./emulator.ts"
import { neededBy } from "./samples.ts"

const key = "key-id:key-secret"

/** fal, each time it is loaded, before an emulator of its own. */
const falWith = (fault: Fault): Plugin => ({
  ...fal,
  load: Effect.flatMap(startEmulator(key), (emulator) => {
    emulator.set(fault)
    const settings = [
      ["FAL_KEY", key],
      ["FAL_QUEUE_BASE_URL", emulator.url],
      ["FAL_STORAGE_BASE_URL", emulator.url]
    ] as const
    return Effect.withConfigProvider(fal.load, ConfigProvider.fromMap(new Map(settings)))
  })
})

/** The suite of plugins on fal. */
export const falSuite = (notCalled: ProviderSuiteOptions["notCalled"] = {}) =>
  providerSuite("fal", falWith({ kind: "none" }), {
    notCalled,
    sample: (model) => ({ parameters: neededBy(model) }),
    fetch: (url) => Effect.promise(async () => new Uint8Array(await (await fetch(url)).arrayBuffer())),
    failing: [
      { name: "is busy", plugin: falWith({ kind: "submit_status", status: 429 }) },
      { name: "fails", plugin: falWith({ kind: "submit_status", status: 500 }) },
      { name: "breaks before its answer", plugin: falWith({ kind: "submit_lost" }) },
      {
        name: "refuses the work later",
        plugin: falWith({ kind: "result_status", status: 422, type: "image_too_small" })
      },
      { name: "breaks in its result", plugin: falWith({ kind: "result_cut", times: 99 }) }
    ]
  })
