import type { Plugin } from "@image-skill/core/provider/Provider"
import { ConfigProvider, Effect, Either, Layer, Logger, LogLevel } from "effect"
import type { OpenBehind } from "./Behind.ts"
import { isForFront, layerFront } from "./Front.ts"
import { layerOwnersGround } from "./Ground.ts"
import { type InProcess, inProcess } from "./http/inProcess.ts"
import { inTurn } from "./inTurn.ts"
import { configRefusal, ServerConfig } from "./ServerConfig.ts"

export interface EmbeddedOptions {
  /** Made when it is not there. Several processes may share it. */
  readonly dataDirectory: string
  /** Where provider keys and settings are read from: the process's environment, handed in. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Providers besides the embedded one. */
  readonly plugins?: ReadonlyArray<Plugin>
}

/** The server app in this process. Closing it waits for the jobs that run here, then lets go of the data directory. */
export type Embedded = InProcess

const configOf = (environment: EmbeddedOptions["environment"]) =>
  ConfigProvider.fromMap(
    new Map(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  )

const layerLogs = Layer.merge(
  Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger)),
  Logger.minimumLogLevel(LogLevel.Error)
)

/**
 * Opens embedded mode for the owner of this machine. Cheap: the catalogue and dry runs build a fraction of the house, and
 * the database is opened by the first call that needs it.
 */
export const openEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const config = configOf(options.environment)
  const settings = Effect.runSync(Effect.either(config.load(ServerConfig)))
  if (Either.isLeft(settings)) return (await import("./Misconfigured.ts")).misconfigured(configRefusal(settings.left))
  const memoMap = Effect.runSync(Layer.makeMemoMap)
  const beneath = Layer.merge(Layer.setConfigProvider(config), layerLogs)
  const ground = layerOwnersGround(options.plugins)
  // Providers of ours hold nothing before their first call: a front alone has nothing to let go of but memory.
  const isOurs = (options.plugins ?? []).length === 0
  let opening: Promise<OpenBehind> | undefined
  const open = async () =>
    (await import("./Behind.ts")).openBehind({ dataDirectory: options.dataDirectory, ground, beneath, memoMap })
  const behind = () => (opening ??= open())
  const house = Effect.flatMap(Effect.promise(behind), ({ services }) => services)
  const front = inProcess(inTurn.and(beneath).and(ground).and(layerFront(house)).layer, memoMap)
  const appFor = async (method: string, path: string) => (isForFront(method, path) ? front : (await behind()).app())
  return {
    exchange: async (asked) => (await appFor(asked.method, asked.url.pathname)).exchange(asked),
    fetch: async (request) => (await appFor(request.method, new URL(request.url).pathname)).fetch(request),
    close: async () => {
      if (opening === undefined && isOurs) return
      await (await opening)?.close()
      await front.close()
    }
  }
}
