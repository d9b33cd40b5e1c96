import type { Plugin } from "@image-skill/core/provider/Provider"
import { ConfigProvider, Effect, type Scope } from "effect"
import type { Emulator, Fault } from "./server.ts"

type Environment = (baseUrl: string) => Readonly<Record<string, string>>

/** The plugin over an emulator of its own, started when the plugin loads. */
export const over = (
  plugin: Plugin,
  emulator: Effect.Effect<Emulator, never, Scope.Scope>,
  environment: Environment,
  faults: ReadonlyArray<Fault> = []
): Plugin => ({
  ...plugin,
  load: Effect.flatMap(emulator, (started) => {
    started.next(...faults)
    const provider = ConfigProvider.fromMap(new Map(Object.entries(environment(started.baseUrl))))
    return Effect.withConfigProvider(plugin.load, provider)
  })
})

const always = (fault: Fault): ReadonlyArray<Fault> => Array.from({ length: 10 }, () => fault)

/** The same plugin over providers that do not answer as they should. */
export const failing = (
  plugin: Plugin,
  emulator: Effect.Effect<Emulator, never, Scope.Scope>,
  environment: Environment,
  refusal: Fault
) => [
  { name: "refuses", plugin: over(plugin, emulator, environment, always(refusal)) },
  { name: "hangs up", plugin: over(plugin, emulator, environment, always({ kind: "vanish" })) },
  { name: "breaks off", plugin: over(plugin, emulator, environment, always({ kind: "cut", hasLength: true })) },
  { name: "is away", plugin: over(plugin, emulator, () => environment("http://127.0.0.1:9/v1")) }
]
