import { Effect, Redacted, Schema } from "effect"
import { anyId } from "../api/Fields.ts"
import { Reference, type ReferenceRole } from "../catalog/References.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import { AssetId, JobId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { AspectRatio, MediaType } from "../kernel/Media.ts"
import { parseUsd, type UsdTicks } from "../kernel/Money.ts"
import type { ImageRequest } from "../studio/Request.ts"

/** An image as bytes, which are uploaded first, or as the id of an asset. */
export type ImageInput = Uint8Array | string

/** An image that the result refers to. What a model takes is in `media.input.references` of its card. */
export interface ReferenceWish {
  readonly image: ImageInput
  /** `reference_image` unless it is given. */
  readonly role?: ReferenceRole
  /** Its place, or its element's; the place in the list unless it is given. */
  readonly index?: number
  /** Among the references of its element. */
  readonly referenceIndex?: number
  readonly task?: string
}

/** What is common to creates and edits. Amounts are decimal USD. */
export interface Wishes {
  readonly model?: string
  readonly provider?: string
  readonly intent?: string
  /** `16:9`, or `auto`. */
  readonly aspectRatio?: string
  readonly outputCount?: number
  /** The model's own parameters, as its card lists them. An unknown one is an error. */
  readonly parameters?: JsonObject
  readonly references?: ReadonlyArray<ReferenceWish>
  readonly maxUsdPerImage?: number | string
  readonly maxUsd?: number | string
  readonly acceptUnknownCost?: boolean
  /** The same key and wishes again answer with the same job, and cost nothing. */
  readonly idempotencyKey?: string
}

export interface CreateWishes extends Wishes {
  readonly prompt: string
}

export interface EditWishes extends Wishes {
  readonly image: ImageInput
  readonly mask?: ImageInput
  readonly prompt?: string
}

const MadeAsset = Schema.Struct({
  asset_id: AssetId,
  url: Schema.String,
  mime_type: MediaType,
  content_length: Schema.Int,
  width: Schema.Int,
  height: Schema.Int,
  sha256: Schema.String
})
export type MadeAsset = typeof MadeAsset.Type

/** What of an answer to a create or an edit is read here. */
export const Answer = Schema.Struct({
  job_id: Schema.NullOr(JobId),
  status: Schema.String,
  assets: Schema.Array(MadeAsset),
  cost: Schema.Struct({
    credit_pricing: Schema.Struct({ credits_required: Schema.NullOr(Schema.Int), pricing_confidence: Schema.String })
  })
})

/** The answer of a create or an edit. */
export interface Made {
  /** Null for a plan. */
  readonly jobId: JobId | null
  /** `completed`; `running` when the wait ended first; `planned` for a plan. */
  readonly status: string
  readonly assets: ReadonlyArray<MadeAsset>
  /** The debit of the whole operation; null when it settles from usage. */
  readonly creditsRequired: number | null
  readonly warnings: ReadonlyArray<string>
  /** The whole answer, as the wire has it. */
  readonly receipt: JsonObject
}

export const madeOf = (answer: typeof Answer.Type, receipt: JsonObject, warnings: ReadonlyArray<string>): Made => ({
  jobId: answer.job_id,
  status: answer.status,
  assets: answer.assets,
  creditsRequired: answer.cost.credit_pricing.credits_required,
  warnings,
  receipt
})

export const assetIdOf = Schema.decodeSync(anyId(AssetId))
export const jobIdOf = Schema.decodeSync(anyId(JobId))
const decodeAspectRatio = Schema.decodeUnknown(AspectRatio)
const decodeReference = Schema.decodeUnknown(Reference)

type Invalid = Failure<"INVALID_ARGUMENTS">

const invalid = (path: string, message: string): Invalid =>
  failure("INVALID_ARGUMENTS", message, { details: { issues: [{ path, message }] } })

const usd = (path: string, amount: number | string | undefined): Effect.Effect<UsdTicks | null, Invalid> =>
  amount === undefined
    ? Effect.succeed(null)
    : Effect.mapError(parseUsd(amount), (text) => invalid(path, `${path} is ${text}; it takes a decimal amount of USD`))

/** A reference whose image is an asset by now. */
export const referenceOf = (wish: ReferenceWish, id: AssetId, position: number): Effect.Effect<Reference, Invalid> =>
  Effect.mapError(
    decodeReference({
      asset_id: id,
      role: wish.role ?? "reference_image",
      index: wish.index ?? position,
      ...(wish.referenceIndex === undefined ? {} : { reference_index: wish.referenceIndex }),
      ...(wish.task === undefined ? {} : { reference_task: wish.task })
    }),
    (error) => invalid(`references[${position}]`, error.message)
  )

/** The images of a request, as assets. */
export type RequestImages = Pick<ImageRequest, "image" | "mask" | "references">

export const requestOf = (
  command: "create" | "edit",
  wishes: Wishes & { readonly prompt?: string },
  images: RequestImages
): Effect.Effect<ImageRequest, Invalid> =>
  Effect.gen(function* () {
    const ratio = wishes.aspectRatio ?? (command === "create" ? "1:1" : "auto")
    return {
      ...images,
      command,
      prompt: wishes.prompt === undefined ? null : Redacted.make(wishes.prompt),
      modelId: wishes.model ?? null,
      providerId: wishes.provider ?? null,
      intent: wishes.intent ?? null,
      aspectRatio: yield* Effect.mapError(decodeAspectRatio(ratio), (error) => invalid("aspectRatio", error.message)),
      outputCount: wishes.outputCount ?? 1,
      parameters: wishes.parameters ?? {},
      budget: {
        perImage: yield* usd("maxUsdPerImage", wishes.maxUsdPerImage),
        whole: yield* usd("maxUsd", wishes.maxUsd),
        acceptUnknownCost: wishes.acceptUnknownCost ?? false
      }
    }
  })
