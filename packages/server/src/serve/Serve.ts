import { HttpApiBuilder, type HttpRouter, HttpServer } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { Reach } from "@image-skill/core/identity/Reach"
import { RefusalLimit } from "@image-skill/core/identity/Refusals"
import { JobQueues } from "@image-skill/core/jobs/JobQueues"
import { JobScheduler } from "@image-skill/core/jobs/JobScheduler"
import type { PaymentRail } from "@image-skill/core/ledger/PaymentRail"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { builtIn } from "@image-skill/providers/builtIn"
import { ConfigProvider, Deferred, Effect, FiberSet, Layer } from "effect"
import { layerApp } from "../App.ts"
import { answering } from "../http/inProcess.ts"
import { type LayerCallers, layerAgents } from "../identity/Callers.ts"
import { isSignupOpen } from "../identity/PolicyConfig.ts"
import * as StorageHealth from "../identity/StorageHealth.ts"
import { type CommandLine, Commands, layerCommands } from "../pages/CommandLine.ts"
import { layerPaymentSweep, layerRails } from "../payments/Payments.ts"
import { layerHouse } from "../Server.ts"
import { configRefusal, ServerConfig } from "../ServerConfig.ts"
import { dataPaths } from "../Storage.ts"
import { makeTelemetry, type Telemetry } from "../telemetry/Telemetry.ts"
import { listen, type NodeServer } from "./nodeServer.ts"
import { layerNoResumption, layerScheduling } from "./Scheduling.ts"
import {
  connectionsOfAddressMax,
  isLoopback,
  readServeConfig,
  type ServeConfig,
  type ServeOptions,
  warningsOf
} from "./ServeConfig.ts"

export interface HouseToServe extends ServeOptions {
  /** Where keys and settings are read from: the process's environment, handed in. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Providers besides those of this repository. */
  readonly plugins?: ReadonlyArray<Plugin>
  /** Ways to pay besides those of this repository. */
  readonly rails?: ReadonlyArray<PaymentRail>
  /** Provided beneath everything else: where to send traces, or what watches the steps of jobs. */
  readonly beneath?: Layer.Layer<never>
  /** The commands of which callers may run the public part; none by default. */
  readonly commandLine?: CommandLine
  /** Who a call is, where it is not the bearer of a token. */
  readonly identity?: LayerCallers
}

/** A house that listens. */
export interface Serving {
  /** Where clients reach it: the public URL, or the address it is bound to. */
  readonly url: string
  readonly address: string
  readonly port: number
  readonly isLoopback: boolean
  /** Strangers cannot sign up: the operator gives them codes. */
  readonly needsInvite: boolean
  /** Settings that are allowed and likely wrong, each with what mends it. */
  readonly warnings: ReadonlyArray<string>
}

/** Answers that are ready go out within this time once the runs have ended. */
const answersMillis = 5_000

/** A value that is set but empty counts as absent. */
const configOf = (environment: HouseToServe["environment"]) =>
  ConfigProvider.fromMap(
    new Map(
      Object.entries(environment).flatMap(([name, value]) =>
        value === undefined || value === "" ? [] : [[name, value]]
      )
    )
  )

const boundUrl = ({ address, port }: NodeServer) => `http://${address.includes(":") ? `[${address}]` : address}:${port}`

interface Settings {
  readonly config: ServeConfig
  readonly telemetry: Telemetry
  readonly billedRefusals: number | null
}

/** Every part of the house but its socket. */
const layerServed = (
  options: HouseToServe,
  { billedRefusals, config, telemetry }: Settings,
  serving: Serving,
  own: ReadonlyArray<Plugin>
) => {
  const house = layerHouse({
    dataDirectory: options.dataDirectory,
    ...(config.blobDirectory === null ? {} : { blobDirectory: config.blobDirectory }),
    builtIn: own,
    plugins: options.plugins ?? [],
    identity: options.identity ?? layerAgents,
    ids: telemetry.ids,
    media: MediaOrigin.layer(`${serving.url}/a/`),
    payments: Layer.provide(
      layerRails({ publicUrl: serving.url, rails: options.rails ?? [] }),
      Layer.succeed(Reach, { isLoopback: serving.isLoopback })
    )
  }).pipe(Layer.provideMerge(JobScheduler.layerTimers), Layer.provide(Layer.succeed(JobQueues, config.queues)))
  return Layer.mergeAll(
    layerApp,
    telemetry.beside,
    HttpServer.layerContext,
    HttpApiBuilder.Router.Live,
    HttpApiBuilder.Middleware.layer
  ).pipe(
    Layer.provide(layerNoResumption),
    Layer.provide(
      StorageHealth.layer({ folder: options.dataDirectory, database: dataPaths(options.dataDirectory).database })
    ),
    Layer.provideMerge(layerScheduling),
    Layer.provideMerge(layerPaymentSweep),
    Layer.provideMerge(house),
    Layer.provideMerge(options.commandLine === undefined ? Layer.empty : layerCommands(options.commandLine)),
    Layer.provideMerge(Layer.succeed(Reach, { isLoopback: serving.isLoopback })),
    Layer.provide(Layer.succeed(RefusalLimit, billedRefusals))
  )
}

/**
 * Serves the house over HTTP until the scope ends. Then it takes no connection any more, gives back the jobs that the
 * next process can go on with, waits for the paid calls whose answer comes once (at most their deadline, and at most
 * what the settings say), and answers whoever waits.
 */
export const serveHouse = Effect.fn("Serve.house")(function* (options: HouseToServe) {
  const layerConfig = Layer.setConfigProvider(configOf(options.environment))
  const config = yield* Effect.provide(readServeConfig, layerConfig)
  const telemetry = yield* Effect.provide(makeTelemetry, layerConfig)
  // Before the socket: what is wrong with the settings is told by the start, not by every answer.
  const { policy } = yield* Effect.provide(Effect.mapError(ServerConfig, configRefusal), layerConfig)
  const server = yield* listen(options, (address) => connectionsOfAddressMax(config, policy, address))
  const isOnLoopback = isLoopback(server.address, config.publicUrl)
  const serving: Serving = {
    url: config.publicUrl ?? boundUrl(server),
    address: server.address,
    port: server.port,
    isLoopback: isOnLoopback,
    needsInvite: !isSignupOpen(policy, isOnLoopback),
    warnings: warningsOf(config, policy, server.address)
  }
  const layer = Layer.unwrapEffect(
    Effect.map(builtIn, (own) =>
      layerServed(options, { config, telemetry, billedRefusals: policy.billedRefusals }, serving, own)
    )
  ).pipe(Layer.provide(Layer.mergeAll(layerConfig, telemetry.beneath, options.beneath ?? Layer.empty)))
  const runtime = yield* Effect.mapError(Layer.toRuntime(layer), configRefusal)
  yield* Effect.gen(function* () {
    yield* Effect.forEach(serving.warnings, (warning) => Effect.logWarning(warning), { discard: true })
    const runner = yield* JobRunner
    const app = yield* HttpApiBuilder.httpApp
    const commands = yield* Commands
    if (commands !== null) {
      yield* Deferred.succeed(
        commands.self,
        answering(yield* FiberSet.makeRuntime<HttpRouter.HttpRouter.DefaultServices>(), app)
      )
    }
    yield* server.serve(yield* NodeHttpServer.makeHandler(app))
    yield* Effect.addFinalizer(() =>
      server.stopAccepting.pipe(Effect.zipRight(runner.handOver), Effect.zipRight(server.end(answersMillis)))
    )
  }).pipe(Effect.provide(runtime))
  return serving
})
