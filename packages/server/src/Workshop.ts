import { Feedback } from "@image-skill/core/feedback/Feedback"
import { FeedbackQueue } from "@image-skill/core/feedback/FeedbackQueue"
import { layerLedger } from "@image-skill/core/ledger/OwedNotes"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { Records } from "@image-skill/core/studio/Records"
import { Studio } from "@image-skill/core/studio/Studio"
import { Uploads } from "@image-skill/core/studio/Uploads"
import { layerSafeFetch } from "@image-skill/providers/media/SafeFetch"
import { originsOf } from "@image-skill/providers/media/SafeFetchConfig"
import * as SharpCodec from "@image-skill/providers/media/SharpCodec"
import { Effect, Layer } from "effect"
import { inTurn } from "./inTurn.ts"
import { Tidying } from "./jobs/Tidying.ts"
import { layerStorage } from "./Storage.ts"

export interface WorkshopOptions {
  readonly dataDirectory: string
  /** Where images are kept; inside of the data directory by default. */
  readonly blobDirectory?: string
  /** Where feedback is handed on; nowhere by default. */
  readonly feedbackQueue?: Layer.Layer<FeedbackQueue>
}

/** Results are fetched from public addresses, and from the origins of base URLs that the operator configured. */
const SafeFetchLive = Layer.unwrapEffect(
  Effect.map(
    originsOf(["FAL_QUEUE_BASE_URL", "OPENAI_BASE_URL", "OPENAI_COMPATIBLE_BASE_URL", "XAI_BASE_URL"]),
    (trustedOrigins) => layerSafeFetch({ trustedOrigins })
  )
)

/** Waits for the runs of this process before what they write to goes away. */
const DrainLive = Layer.scopedDiscard(Effect.flatMap(JobRunner, (runner) => Effect.addFinalizer(() => runner.drain)))

/** Where images are made and kept, over the ground: all that a create or an edit takes. The disk is not touched before a call needs it. */
export const layerWorkshop = (options: WorkshopOptions) =>
  inTurn
    .and(SafeFetchLive)
    .and(SharpCodec.layer)
    .and(options.feedbackQueue ?? FeedbackQueue.layerOff)
    .and(layerStorage(options.dataDirectory, options.blobDirectory))
    .and(layerLedger)
    .and(JobRunner.Default)
    .and(Records.Default)
    .and(Feedback.Default)
    .and(Studio.Default)
    .and(Uploads.Default)
    .and(Tidying.Default)
    .and(DrainLive).layer
