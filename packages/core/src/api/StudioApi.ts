import { HttpApiEndpoint, HttpApiGroup, HttpServerRequest } from "@effect/platform"
import { Effect, Either, Encoding, Redacted, Schema } from "effect"
import { Reference } from "../catalog/References.ts"
import { Envelope } from "../kernel/Envelope.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import { AssetId } from "../kernel/Ids.ts"
import { JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { AspectRatio, MediaType } from "../kernel/Media.ts"
import { parseUsd, type UsdTicks } from "../kernel/Money.ts"
import type { Delivery, ImageRequest } from "../studio/Request.ts"
import type { UploadRequest } from "../studio/Uploads.ts"
import { Caller } from "./Caller.ts"
import { Command } from "./Command.ts"
import {
  anyId,
  IdempotencyHeaders,
  IdempotencyKey,
  idempotencyHeader,
  Name,
  optional,
  strict,
  Usd,
  WaitMillis
} from "./Fields.ts"

/**
 * An image that a dry run plans with before it is uploaded. The body names it by `asset_id` as it will name the asset;
 * the live call takes assets only.
 */
const DescribedImage = strict({
  asset_id: AssetId,
  mime_type: MediaType,
  width: Schema.Int.pipe(Schema.positive()),
  height: Schema.Int.pipe(Schema.positive()),
  /** Bytes as they will be stored, that is without metadata. */
  content_length: Schema.Int.pipe(Schema.positive())
})

const common = {
  model: optional(Name),
  provider: optional(Name),
  intent: optional(Schema.String.pipe(Schema.maxLength(100))),
  aspect_ratio: optional(AspectRatio),
  output_count: optional(Schema.Number),
  references: optional(Schema.Array(Reference).pipe(Schema.maxItems(limits.referencesMax))),
  model_parameters: optional(JsonObject),
  dry_run: optional(Schema.Boolean),
  described_images: optional(Schema.Array(DescribedImage).pipe(Schema.maxItems(limits.referencesMax + 2))),
  max_estimated_usd_per_image: optional(Usd),
  max_usd: optional(Usd),
  accept_unknown_cost: optional(Schema.Boolean),
  idempotency_key: optional(IdempotencyKey),
  wait_ms: optional(WaitMillis)
}

export const CreatePayload = strict({ prompt: optional(Schema.String), ...common }).annotations({
  identifier: "CreatePayload"
})
export type CreatePayload = typeof CreatePayload.Type

export const EditPayload = strict({
  prompt: optional(Schema.String),
  input_asset_id: optional(anyId(AssetId)),
  mask_asset_id: optional(anyId(AssetId)),
  ...common
}).annotations({ identifier: "EditPayload" })
export type EditPayload = typeof EditPayload.Type

export const UploadPayload = strict({
  source_kind: optional(Schema.Literal("local_path", "remote_url")),
  filename: optional(Schema.String.pipe(Schema.maxLength(255))),
  remote_origin: optional(Schema.String.pipe(Schema.maxLength(300))),
  mime_type: optional(Schema.String.pipe(Schema.maxLength(100))),
  content_length: optional(Schema.Int),
  sha256: optional(Schema.String.pipe(Schema.maxLength(64))),
  bytes_base64: Schema.String,
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "UploadPayload" })
export type UploadPayload = typeof UploadPayload.Type

export const StudioApi = HttpApiGroup.make("studio")
  .add(
    HttpApiEndpoint.post("create", "/v1/create")
      .setHeaders(IdempotencyHeaders)
      .setPayload(CreatePayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill create")
      .annotate(Caller, { grant: "create" })
  )
  .add(
    HttpApiEndpoint.post("edit", "/v1/edit")
      .setHeaders(IdempotencyHeaders)
      .setPayload(EditPayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill edit")
      .annotate(Caller, { grant: "edit" })
  )
  .add(
    HttpApiEndpoint.post("upload", "/v1/upload")
      .setHeaders(IdempotencyHeaders)
      .setPayload(UploadPayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill upload")
      .annotate(Caller, { grant: "upload" })
  )

type Invalid = Failure<"INVALID_ARGUMENTS">

const usdOr = (path: string, amount: number | null | undefined): Either.Either<UsdTicks | null, Invalid> =>
  amount === null || amount === undefined
    ? Either.right(null)
    : Either.mapLeft(parseUsd(amount), (text) => {
        const message = `${path} is ${text}; allowed: a decimal amount of USD from 0 to 100000`
        return failure("INVALID_ARGUMENTS", message, {
          details: { issues: [{ path, message }] },
          recovery: { fields: [path] }
        })
      })

const checkDescribed = (payload: CreatePayload | EditPayload): Either.Either<void, Invalid> => {
  if (payload.dry_run === true || (payload.described_images ?? []).length === 0) return Either.void
  const message = "described_images is for dry runs: a live call names uploaded assets"
  return Either.left(
    failure("INVALID_ARGUMENTS", message, {
      details: { issues: [{ path: "described_images", message }] },
      recovery: { fields: ["described_images"] }
    })
  )
}

/** The request that a create or edit body stands for. */
export const requestOf = (
  command: "create" | "edit",
  payload: CreatePayload | EditPayload
): Either.Either<ImageRequest, Invalid> =>
  Either.gen(function* () {
    yield* checkDescribed(payload)
    const edit = "input_asset_id" in payload || "mask_asset_id" in payload ? payload : null
    return {
      command,
      prompt: payload.prompt === null || payload.prompt === undefined ? null : Redacted.make(payload.prompt),
      modelId: payload.model ?? null,
      providerId: payload.provider ?? null,
      intent: payload.intent ?? null,
      aspectRatio: payload.aspect_ratio ?? (command === "create" ? squareRatio : "auto"),
      outputCount: payload.output_count ?? 1,
      parameters: payload.model_parameters ?? {},
      image: edit?.input_asset_id ?? null,
      mask: edit?.mask_asset_id ?? null,
      references: payload.references ?? [],
      budget: {
        perImage: yield* usdOr("max_estimated_usd_per_image", payload.max_estimated_usd_per_image),
        whole: yield* usdOr("max_usd", payload.max_usd),
        acceptUnknownCost: payload.accept_unknown_cost ?? false
      }
    }
  })

const squareRatio = Schema.decodeSync(AspectRatio)("1:1")

/** `headerKey` is the `Idempotency-Key` header; the body's key wins. */
export const deliveryOf = (
  payload: CreatePayload | EditPayload,
  headerKey: string | undefined,
  asynchronous: boolean
): Delivery => ({
  dryRun: payload.dry_run ?? false,
  described: new Map(
    (payload.described_images ?? []).map(({ asset_id, mime_type, content_length, width, height }) => [
      asset_id,
      { mediaType: mime_type, bytes: content_length, width, height }
    ])
  ),
  idempotencyKey: payload.idempotency_key ?? headerKey ?? null,
  waitMillis: payload.wait_ms ?? (asynchronous ? 0 : limits.waitMillisDefault)
})

/** The upload that a call stands for: its body, and its `Idempotency-Key` header. Fails on what is no base64. */
export const uploadOf = (
  payload: UploadPayload
): Effect.Effect<UploadRequest, Invalid, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    Either.mapBoth(Encoding.decodeBase64(payload.bytes_base64), {
      onLeft: () =>
        failure("INVALID_ARGUMENTS", "bytes_base64 is no base64", {
          details: { issues: [{ path: "bytes_base64", message: "bytes_base64 is no base64" }] },
          recovery: { fields: ["bytes_base64"] }
        }),
      onRight: (bytes) => ({
        bytes,
        sourceKind: payload.source_kind ?? "local_path",
        filename: payload.filename ?? null,
        remoteOrigin: payload.remote_origin ?? null,
        mimeType: payload.mime_type ?? null,
        contentLength: payload.content_length ?? null,
        sha256: payload.sha256 ?? null,
        idempotencyKey: payload.idempotency_key ?? headers[idempotencyHeader] ?? null
      })
    })
  )
