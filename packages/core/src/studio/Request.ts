import type { Redacted } from "effect"
import type { Reference } from "../catalog/References.ts"
import type { AssetId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import type { AspectRatio, Dimensions, MediaType } from "../kernel/Media.ts"
import type { Budget } from "../pricing/BudgetGuard.ts"

/** A create or an edit, decoded. */
export interface ImageRequest {
  readonly command: "create" | "edit"
  readonly prompt: Redacted.Redacted<string> | null
  readonly modelId: string | null
  readonly providerId: string | null
  readonly intent: string | null
  readonly aspectRatio: AspectRatio
  readonly outputCount: number
  readonly parameters: JsonObject
  readonly image: AssetId | null
  readonly mask: AssetId | null
  readonly references: ReadonlyArray<Reference>
  readonly budget: Budget
}

/** What planning needs to know of an image. Every asset says it; a dry run may say it of an image that is none yet. */
export interface DescribedImage extends Dimensions {
  readonly mediaType: MediaType
  readonly bytes: number
}

/** How the request is to be answered. */
export interface Delivery {
  readonly dryRun: boolean
  /** Images that a dry run describes instead of uploading them, by the ids that stand for them in the request. */
  readonly described?: ReadonlyMap<AssetId, DescribedImage>
  readonly idempotencyKey: string | null
  /** How long an answer waits for the job, in milliseconds. */
  readonly waitMillis: number
}

/** Every asset that a request refers to, once. */
export const assetsOf = (request: ImageRequest): ReadonlyArray<AssetId> => [
  ...new Set(
    [request.image, request.mask, ...request.references.map((one) => one.asset_id)].filter((id) => id !== null)
  )
]
