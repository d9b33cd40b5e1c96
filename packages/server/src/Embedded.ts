import { HttpApiBuilder, HttpServer, HttpServerRequest } from "@effect/platform"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { Identity } from "@image-skill/core/identity/Identity"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { local } from "@image-skill/providers/local/plugin"
import { ConfigProvider, Effect, Layer, Logger, LogLevel } from "effect"
import { SpoolSweep } from "./assets/SpoolSweep.ts"
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

/** Only these take up what a dead process left: reading a catalogue touches no database. */
const resumes = /^\/v1\/(create|edit|jobs)\b/

const resumeMost = 20

const ResumeOnUse = HttpApiBuilder.middleware(
  Effect.map(
    Effect.all([JobRunner, SpoolSweep]),
    ([runner, sweep]) =>
      (app) =>
        Effect.gen(function* () {
          const request = yield* HttpServerRequest.HttpServerRequest
          // When the database cannot be opened the call itself says so.
          if (resumes.test(request.url)) yield* Effect.ignore(Effect.zipRight(sweep.run, runner.resume(resumeMost)))
          return yield* app
        })
  )
)

/** Opens embedded mode for the owner of this machine. Cheap: the database is opened by the first call that needs it. */
export const openEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const house = layerHouse({
    dataDirectory: options.dataDirectory,
    plugins: [local, ...(options.plugins ?? [])],
    identity: Identity.layerLocalOwner,
    media: MediaOrigin.layerEmbedded
  })
  const app = Layer.mergeAll(layerApp, ResumeOnUse, HttpServer.layerContext).pipe(
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
