import { Cause, Effect, Exit, type Layer, ManagedRuntime, Option, Redacted, Ref, Schema } from "effect"
import { anyId } from "../api/Fields.ts"
import { type Actor, localOwner } from "../identity/Identity.ts"
import { Call, makeCall } from "../kernel/Call.ts"
import { type ErrorCode, type Failure, failure } from "../kernel/Errors.ts"
import { AssetId, Ids, JobId } from "../kernel/Ids.ts"
import { JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { AspectRatio, MediaType } from "../kernel/Media.ts"
import { parseUsd, type UsdTicks } from "../kernel/Money.ts"
import { CatalogView, type ModelsQuery } from "../studio/CatalogView.ts"
import { Records } from "../studio/Records.ts"
import type { ImageRequest } from "../studio/Request.ts"
import { Studio } from "../studio/Studio.ts"
import { Uploads } from "../studio/Uploads.ts"

/** What a house must give for an app to use it as a library. */
export type House = Studio | Uploads | Records | CatalogView | Ids

/** What is common to creates and edits. Amounts are decimal USD. */
export interface Wishes {
  readonly model?: string
  readonly intent?: string
  /** `16:9`, or `auto`. */
  readonly aspectRatio?: string
  readonly outputCount?: number
  /** The model's own parameters, as `models` lists them. An unknown one is an error. */
  readonly parameters?: JsonObject
  readonly maxUsdPerImage?: number | string
  readonly maxUsd?: number | string
  readonly acceptUnknownCost?: boolean
  /** The same key and wishes again answer with the same job, and cost nothing. */
  readonly idempotencyKey?: string
}

export interface CreateWishes extends Wishes {
  readonly prompt: string
}

/** An image as bytes, which are uploaded first, or as the id of an asset. */
export type ImageInput = Uint8Array | string

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

const Answer = Schema.Struct({
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

/**
 * The Image Skill inside of an app. Every promise rejects with a `Failure`, whose `code` is of the public error table.
 *
 * @example
 * ```ts
 * import { openImageSkill } from "@image-skill/server/Library"
 *
 * const skill = openImageSkill({ dataDirectory: "./image-skill-data" })
 * const made = await skill.create({ prompt: "a lighthouse in a storm" })
 * const png = await skill.download(made.assets[0]?.asset_id ?? "")
 * await skill.close()
 * ```
 */
export interface ImageSkill<E = never> {
  readonly create: (wishes: CreateWishes) => Promise<Made>
  readonly edit: (wishes: EditWishes) => Promise<Made>
  /** What `create` would do and cost. Moves nothing. */
  readonly plan: (wishes: CreateWishes) => Promise<Made>
  /** Answers the id of the stored image. */
  readonly upload: (bytes: Uint8Array) => Promise<AssetId>
  /** The bytes of an asset. */
  readonly download: (assetId: string) => Promise<Uint8Array>
  readonly models: (query?: ModelsQuery) => Promise<JsonObject>
  readonly job: (jobId: string, waitMillis?: number) => Promise<JsonObject>
  /** The Effect services behind it: `skill.runtime.runPromise(Effect.flatMap(Studio, …))`. */
  readonly runtime: ManagedRuntime.ManagedRuntime<House, E>
  /** Waits for the jobs that run, then lets go of everything. */
  readonly close: () => Promise<void>
}

const decodeAnswer = Schema.decodeUnknown(Answer)
const decodeAssetId = Schema.decodeSync(anyId(AssetId))
const decodeJobId = Schema.decodeSync(anyId(JobId))
const decodeAspectRatio = Schema.decodeUnknown(AspectRatio)
const decodeUploaded = Schema.decodeUnknown(Schema.Struct({ asset: Schema.Struct({ asset_id: AssetId }) }))

type Invalid = Failure<"INVALID_ARGUMENTS">

const invalid = (path: string, message: string): Invalid =>
  failure("INVALID_ARGUMENTS", message, { details: { issues: [{ path, message }] } })

const usd = (path: string, amount: number | string | undefined): Effect.Effect<UsdTicks | null, Invalid> =>
  amount === undefined
    ? Effect.succeed(null)
    : Effect.mapError(parseUsd(amount), (text) => invalid(path, `${path} is ${text}; it takes a decimal amount of USD`))

const requestOf = (
  command: "create" | "edit",
  wishes: Wishes & { readonly prompt?: string },
  image: AssetId | null,
  mask: AssetId | null
): Effect.Effect<ImageRequest, Invalid> =>
  Effect.gen(function* () {
    const ratio = wishes.aspectRatio ?? (command === "create" ? "1:1" : "auto")
    return {
      command,
      prompt: wishes.prompt === undefined ? null : Redacted.make(wishes.prompt),
      modelId: wishes.model ?? null,
      providerId: null,
      intent: wishes.intent ?? null,
      aspectRatio: yield* Effect.mapError(decodeAspectRatio(ratio), (error) => invalid("aspectRatio", error.message)),
      outputCount: wishes.outputCount ?? 1,
      parameters: wishes.parameters ?? {},
      image,
      mask,
      references: [],
      budget: {
        perImage: yield* usd("maxUsdPerImage", wishes.maxUsdPerImage),
        whole: yield* usd("maxUsd", wishes.maxUsd),
        acceptUnknownCost: wishes.acceptUnknownCost ?? false
      }
    }
  })

const uploaded = (actor: Actor, input: ImageInput) =>
  typeof input === "string"
    ? Effect.succeed(decodeAssetId(input))
    : Effect.gen(function* () {
        const answer = yield* (yield* Uploads).upload(actor, {
          bytes: input,
          sourceKind: "local_path",
          filename: null,
          remoteOrigin: null,
          mimeType: null,
          contentLength: null,
          sha256: null
        })
        return (yield* Effect.orDie(decodeUploaded(answer))).asset.asset_id
      })

const submitted = (actor: Actor, request: ImageRequest, wishes: Wishes, dryRun: boolean) =>
  Effect.gen(function* () {
    const receipt = yield* (yield* Studio).submit(actor, request, {
      dryRun,
      idempotencyKey: wishes.idempotencyKey ?? null,
      waitMillis: limits.waitMillisMax
    })
    const answer = yield* Effect.orDie(decodeAnswer(receipt))
    const made: Made = {
      jobId: answer.job_id,
      status: answer.status,
      assets: answer.assets,
      creditsRequired: answer.cost.credit_pricing.credits_required,
      warnings: yield* Ref.get((yield* Call).warnings),
      receipt
    }
    return made
  })

/** Runs over a house in this process. `actor` is who pays: the local owner unless told otherwise. */
const embedded = <E>(house: Layer.Layer<House, E>, actor: Actor = localOwner): ImageSkill<E> => {
  const runtime = ManagedRuntime.make(house)

  const run = async <A>(command: string, effect: Effect.Effect<A, Failure<ErrorCode>, House | Call>): Promise<A> => {
    const exit = await runtime.runPromiseExit(
      Effect.gen(function* () {
        const call = yield* makeCall(yield* (yield* Ids).trace, command)
        return yield* Effect.provideService(effect, Call, call)
      })
    )
    if (Exit.isSuccess(exit)) return exit.value
    throw Option.getOrElse(Cause.failureOption(exit.cause), () => Cause.squash(exit.cause))
  }

  return {
    create: (wishes) =>
      run(
        "create",
        Effect.flatMap(requestOf("create", wishes, null, null), (request) => submitted(actor, request, wishes, false))
      ),
    plan: (wishes) =>
      run(
        "create",
        Effect.flatMap(requestOf("create", wishes, null, null), (request) => submitted(actor, request, wishes, true))
      ),
    edit: (wishes) =>
      run(
        "edit",
        Effect.gen(function* () {
          const image = yield* uploaded(actor, wishes.image)
          const mask = wishes.mask === undefined ? null : yield* uploaded(actor, wishes.mask)
          return yield* submitted(actor, yield* requestOf("edit", wishes, image, mask), wishes, false)
        })
      ),
    upload: (bytes) => run("upload", uploaded(actor, bytes)),
    download: (assetId) =>
      run(
        "assets get",
        Effect.flatMap(Records, (records) => Effect.map(records.bytes(assetId), ({ content }) => content))
      ),
    models: (query = {}) =>
      run(
        "models list",
        Effect.flatMap(CatalogView, (view) => view.models(query))
      ),
    job: (jobId, waitMillis = 0) =>
      run(
        "jobs show",
        Effect.flatMap(Records, (records) => records.job(actor, decodeJobId(jobId), waitMillis))
      ),
    runtime,
    close: () => runtime.dispose()
  }
}

export const ImageSkill = { embedded } as const
