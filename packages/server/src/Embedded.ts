import { HttpServer } from "@effect/platform"
import type { Failure } from "@image-skill/core/kernel/Errors"
import { Ids } from "@image-skill/core/kernel/Ids"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { ConfigProvider, Effect, Either, Layer, Logger, LogLevel } from "effect"
import { type InProcess, inProcess, inProcessApp } from "./http/inProcess.ts"
import { NamesPlaces } from "./http/NamesPlaces.ts"
import { refusing } from "./http/Refusing.ts"
import * as StorageHealth from "./identity/StorageHealth.ts"
import { Resumption } from "./jobs/Resumption.ts"
import { layerApp, layerOwnersHouse } from "./Server.ts"
import { configRefusal, ServerConfig } from "./ServerConfig.ts"
import { dataPaths } from "./Storage.ts"

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

/** Opens embedded mode for the owner of this machine. Cheap: the database is opened by the first call that needs it. */
export const openEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const config = configOf(options.environment)
  const settings = Effect.runSync(Effect.either(config.load(ServerConfig)))
  if (Either.isLeft(settings)) return misconfigured(configRefusal(settings.left))
  const house = layerOwnersHouse(options)
  const app = Layer.mergeAll(layerApp, HttpServer.layerContext).pipe(
    Layer.provide(Resumption.layerOnUse),
    // The caller is the owner of this machine.
    Layer.provide(Layer.succeed(NamesPlaces, true)),
    Layer.provide(
      StorageHealth.layer({ folder: options.dataDirectory, database: dataPaths(options.dataDirectory).database })
    ),
    Layer.provide(house),
    Layer.provide(Layer.setConfigProvider(config)),
    Layer.provide(
      Layer.mergeAll(
        Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger)),
        Logger.minimumLogLevel(LogLevel.Error)
      )
    )
  )
  return inProcess(app)
}

/** A house whose settings cannot be read answers every request with what is wrong with them. */
const misconfigured = (error: Failure<"INVALID_ARGUMENTS">): Embedded =>
  inProcessApp(Effect.provide(refusing(error), Ids.layer))
