import { HttpApiBuilder, HttpServer } from "@effect/platform"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { Identity } from "@image-skill/core/identity/Identity"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { local } from "@image-skill/providers/local/plugin"
import { ConfigProvider, Layer, Logger, LogLevel } from "effect"
import { Resumption } from "./jobs/Resumption.ts"
import { layerApp, layerHouse } from "./Server.ts"

export interface EmbeddedOptions {
  /** Made when it is not there. Several processes may share it. */
  readonly dataDirectory: string
  /** Where provider keys and settings are read from: the process's environment, handed in. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Providers besides the embedded one. */
  readonly plugins?: ReadonlyArray<Plugin>
}

/** The server app in this process: requests in, responses out, no socket. */
export interface Embedded {
  readonly fetch: (request: Request) => Promise<Response>
  /** Waits for the jobs that run here, then lets go of the data directory. */
  readonly close: () => Promise<void>
}

const configOf = (environment: EmbeddedOptions["environment"]) =>
  ConfigProvider.fromMap(
    new Map(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  )

/** Opens embedded mode for the owner of this machine. Cheap: the database is opened by the first call that needs it. */
export const openEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const house = layerHouse({
    dataDirectory: options.dataDirectory,
    plugins: [local, ...(options.plugins ?? [])],
    identity: Identity.layerLocalOwner,
    media: MediaOrigin.layerEmbedded
  })
  const app = Layer.mergeAll(layerApp, HttpServer.layerContext).pipe(
    Layer.provide(Resumption.layerOnUse),
    Layer.provide(house),
    Layer.provide(Layer.setConfigProvider(configOf(options.environment))),
    Layer.provide(
      Layer.mergeAll(
        Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger)),
        Logger.minimumLogLevel(LogLevel.Error)
      )
    )
  )
  const { handler, dispose } = HttpApiBuilder.toWebHandler(app)
  return { fetch: (request) => handler(request), close: dispose }
}
