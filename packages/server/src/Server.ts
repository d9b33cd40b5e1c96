import { HttpApiBuilder } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { Feedback } from "@image-skill/core/feedback/Feedback"
import { FeedbackQueue } from "@image-skill/core/feedback/FeedbackQueue"
import { layerLedger } from "@image-skill/core/ledger/OwedNotes"
import type { PaymentRails } from "@image-skill/core/ledger/PaymentRail"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { Account } from "@image-skill/core/studio/Account"
import { CatalogView } from "@image-skill/core/studio/CatalogView"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { Records } from "@image-skill/core/studio/Records"
import { Studio } from "@image-skill/core/studio/Studio"
import { Uploads } from "@image-skill/core/studio/Uploads"
import { layerSafeFetch } from "@image-skill/providers/media/SafeFetch"
import { originsOf } from "@image-skill/providers/media/SafeFetchConfig"
import * as SharpCodec from "@image-skill/providers/media/SharpCodec"
import { type ConfigError, Effect, Layer } from "effect"
import { ActivityHttp } from "./activity/ActivityHttp.ts"
import { AssetsHttp } from "./assets/AssetsHttp.ts"
import { CatalogHttp } from "./catalog/CatalogHttp.ts"
import { FeedbackHttp } from "./feedback/FeedbackHttp.ts"
import { type GroundOptions, layerGround, layerOwnersGround } from "./Ground.ts"
import { Answering } from "./http/Answering.ts"
import { FallbackLive } from "./http/Fallback.ts"
import { Routes } from "./http/Routes.ts"
import { type LayerCallers, layerOwner } from "./identity/Callers.ts"
import { IdentityHttp } from "./identity/IdentityHttp.ts"
import { JobsHttp } from "./jobs/JobsHttp.ts"
import { Tidying } from "./jobs/Tidying.ts"
import { CreditsHttp } from "./ledger/CreditsHttp.ts"
import { OperatorHttp } from "./operator/Operator.ts"
import { PagesHttp } from "./pages/PagesHttp.ts"
import { layerPayments, layerUnlimitedRails } from "./payments/Payments.ts"
import { layerStorage } from "./Storage.ts"
import { StudioHttp } from "./studio/StudioHttp.ts"
import { layerSubmissions } from "./studio/submitting.ts"

export interface RoomsOptions {
  readonly dataDirectory: string
  /** Where images are kept; inside of the data directory by default. */
  readonly blobDirectory?: string
  /** Who a call is. */
  readonly identity: LayerCallers
  /** Where feedback is handed on; nowhere by default. */
  readonly feedbackQueue?: Layer.Layer<FeedbackQueue>
  /** How credits are paid; nothing is sold by default. */
  readonly payments?: Layer.Layer<PaymentRails, ConfigError.ConfigError>
}

export interface HouseOptions extends RoomsOptions, GroundOptions {}

/** Results are fetched from public addresses, and from the origins of base URLs that the operator configured. */
const SafeFetchLive = Layer.unwrapEffect(
  Effect.map(
    originsOf(["FAL_QUEUE_BASE_URL", "OPENAI_BASE_URL", "OPENAI_COMPATIBLE_BASE_URL", "XAI_BASE_URL"]),
    (trustedOrigins) => layerSafeFetch({ trustedOrigins })
  )
)

/** Waits for the runs of this process before what they write to goes away. */
const DrainLive = Layer.scopedDiscard(Effect.flatMap(JobRunner, (runner) => Effect.addFinalizer(() => runner.drain)))

/** The services of the house over its ground, on one data directory. The disk is not touched before a call needs it. */
export const layerRooms = (options: RoomsOptions) =>
  Layer.mergeAll(
    Studio.Default,
    Uploads.Default,
    Tidying.Default,
    Account.Default,
    CatalogView.Default,
    options.identity,
    DrainLive
  ).pipe(
    Layer.provideMerge(Layer.merge(Records.Default, Feedback.Default)),
    Layer.provideMerge(JobRunner.Default),
    Layer.provideMerge(layerPayments),
    Layer.provideMerge(layerLedger),
    Layer.provideMerge(layerStorage(options.dataDirectory, options.blobDirectory)),
    Layer.provideMerge(
      Layer.mergeAll(
        options.payments ?? layerUnlimitedRails,
        options.feedbackQueue ?? FeedbackQueue.layerOff,
        SafeFetchLive,
        SharpCodec.layer
      )
    )
  )

/** A house on its ground. */
export const layerHouse = (options: HouseOptions) => Layer.provideMerge(layerRooms(options), layerGround(options))

/** What the house of the owner of this machine has on its ground. */
export const layerOwnersRooms = (dataDirectory: string) => layerRooms({ dataDirectory, identity: layerOwner() })

/** The house of the owner of this machine: every provider of ours, and the plugins that are given. */
export const layerOwnersHouse = (options: {
  readonly dataDirectory: string
  readonly plugins?: ReadonlyArray<Plugin>
}) => Layer.provideMerge(layerOwnersRooms(options.dataDirectory), layerOwnersGround(options.plugins))

/** The HTTP app over the services of the house. */
export const layerApp = HttpApiBuilder.api(Api).pipe(
  Layer.provide([
    StudioHttp,
    CatalogHttp,
    AssetsHttp,
    JobsHttp,
    ActivityHttp,
    IdentityHttp,
    CreditsHttp,
    FeedbackHttp,
    OperatorHttp,
    PagesHttp
  ]),
  Layer.provide(Answering.Default),
  Layer.provideMerge(FallbackLive),
  Layer.provide(layerSubmissions),
  Layer.provide(Routes.layer(Api))
)
