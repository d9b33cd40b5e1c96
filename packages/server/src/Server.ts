import { HttpApiBuilder } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { Reach } from "@image-skill/core/identity/Reach"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Ledger } from "@image-skill/core/ledger/Ledger"
import type { PaymentRails } from "@image-skill/core/ledger/PaymentRail"
import { CreditPolicy } from "@image-skill/core/pricing/CreditPolicy"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { ProviderRegistry } from "@image-skill/core/provider/ProviderRegistry"
import { Account } from "@image-skill/core/studio/Account"
import { CatalogView } from "@image-skill/core/studio/CatalogView"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { Records } from "@image-skill/core/studio/Records"
import { Studio } from "@image-skill/core/studio/Studio"
import { Uploads } from "@image-skill/core/studio/Uploads"
import { builtIn } from "@image-skill/providers/builtIn"
import { layerSafeFetch } from "@image-skill/providers/media/SafeFetch"
import { originsOf } from "@image-skill/providers/media/SafeFetchConfig"
import * as SharpCodec from "@image-skill/providers/media/SharpCodec"
import { type ConfigError, Effect, Layer } from "effect"
import { ActivityHttp } from "./activity/ActivityHttp.ts"
import { AssetsHttp } from "./assets/AssetsHttp.ts"
import { CatalogHttp } from "./catalog/CatalogHttp.ts"
import { Answering } from "./http/Answering.ts"
import { FallbackLive } from "./http/Fallback.ts"
import { type LayerCallers, layerOwner } from "./identity/Callers.ts"
import { IdentityHttp } from "./identity/IdentityHttp.ts"
import { JobsHttp } from "./jobs/JobsHttp.ts"
import { CreditsHttp } from "./ledger/CreditsHttp.ts"
import { layerPayments, layerUnlimitedRails } from "./payments/Payments.ts"
import { ServerConfig } from "./ServerConfig.ts"
import { layerStorage } from "./Storage.ts"
import { StudioHttp } from "./studio/StudioHttp.ts"

export interface HouseOptions {
  readonly dataDirectory: string
  /** Where images are kept; inside of the data directory by default. */
  readonly blobDirectory?: string
  readonly plugins: ReadonlyArray<Plugin>
  /** Plugins of this repository: not checked against the schema at each start. */
  readonly builtIn?: ReadonlyArray<Plugin>
  /** Who a call is. */
  readonly identity: LayerCallers
  /** Where assets are served. */
  readonly media: Layer.Layer<MediaOrigin>
  /** How credits are paid; nothing is sold by default. */
  readonly payments?: Layer.Layer<PaymentRails, ConfigError.ConfigError>
}

const CreditPolicyLive = Layer.unwrapEffect(
  Effect.map(ServerConfig, ({ multiplier }) => CreditPolicy.layer(multiplier))
)

/** Results are fetched from public addresses, and from the origins of base URLs that the operator configured. */
const SafeFetchLive = Layer.unwrapEffect(
  Effect.map(originsOf(["FAL_QUEUE_BASE_URL", "OPENAI_BASE_URL", "OPENAI_COMPATIBLE_BASE_URL", "XAI_BASE_URL"]), (trustedOrigins) =>
    layerSafeFetch({ trustedOrigins })
  )
)

/** Waits for the runs of this process before what they write to goes away. */
const DrainLive = Layer.scopedDiscard(Effect.flatMap(JobRunner, (runner) => Effect.addFinalizer(() => runner.drain)))

/** The services of the house, on one data directory. Nothing on the disk is touched before a call needs it. */
export const layerHouse = (options: HouseOptions) =>
  Layer.mergeAll(
    Studio.Default,
    Uploads.Default,
    Records.Default,
    Account.Default,
    CatalogView.Default,
    options.identity,
    DrainLive
  ).pipe(
    Layer.provideMerge(JobRunner.Default),
    Layer.provideMerge(layerPayments),
    Layer.provideMerge(Ledger.Default),
    Layer.provideMerge(layerStorage(options.dataDirectory, options.blobDirectory)),
    Layer.provideMerge(
      Layer.mergeAll(
        ProviderRegistry.layer(options.plugins, options.builtIn),
        options.media,
        options.payments ?? layerUnlimitedRails,
        CreditPolicyLive,
        SafeFetchLive,
        SharpCodec.layer
      )
    ),
    Layer.provideMerge(Ids.layer)
  )

/** The house of the owner of this machine: every provider of ours, and the plugins that are given. */
export const layerOwnersHouse = (options: {
  readonly dataDirectory: string
  readonly plugins?: ReadonlyArray<Plugin>
}) =>
  Layer.unwrapEffect(
    Effect.map(builtIn, (own) =>
      layerHouse({
        dataDirectory: options.dataDirectory,
        builtIn: own,
        plugins: options.plugins ?? [],
        identity: layerOwner(),
        media: MediaOrigin.layerEmbedded
      })
    )
  ).pipe(Layer.provideMerge(Reach.layerLoopback))

/** The HTTP app over the services of the house. */
export const layerApp = HttpApiBuilder.api(Api).pipe(
  Layer.provide([StudioHttp, CatalogHttp, AssetsHttp, JobsHttp, ActivityHttp, IdentityHttp, CreditsHttp]),
  Layer.provide(Answering.Default),
  Layer.provideMerge(FallbackLive)
)
