import { FetchHttpClient, HttpClient, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { Duration, Effect, Either, Encoding, Layer, Redacted, Schema, Stream } from "effect"
import type { CreatePayload, EditPayload, UploadPayload } from "../api/StudioApi.ts"
import { Envelope, type ErrorBody } from "../kernel/Envelope.ts"
import { type ErrorCode, errorTable, type Failure, failure, type Recovery } from "../kernel/Errors.ts"
import { AssetId, Ids } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { usdOf } from "../kernel/Money.ts"
import type { ModelsQuery } from "../studio/CatalogView.ts"
import type { Delivery, ImageRequest } from "../studio/Request.ts"
import type { ImageSkill } from "./ImageSkill.ts"
import { type Door, effectsOf, promisesOf, type SkillEffects, type Told } from "./SkillEffects.ts"

export interface RemoteOptions {
  /** Where the server is: `https://images.example`. */
  readonly baseUrl: string
  /** Who calls. Without one only the catalogue answers, or a server of one's own machine. */
  readonly token?: string
}

type Fails<A, R = HttpClient.HttpClient> = Effect.Effect<A, Failure<ErrorCode>, R>

const unreachable = (message: string, recovery: Recovery = {}) =>
  failure("HOSTED_API_REQUEST_FAILED", message, { recovery })

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code)

const words = Schema.optionalWith(Schema.String, { exact: true })
const lists = Schema.optionalWith(Schema.Array(Schema.String), { exact: true })
const decodeRecovery = Schema.decodeUnknownEither(
  Schema.Struct({
    required_flag: words,
    required_flags: lists,
    suggested_command: words,
    suggested_commands: lists,
    missing_inputs: lists,
    docs_url: words,
    retry_after_seconds: Schema.optionalWith(Schema.Number, { exact: true }),
    idempotency_key: words,
    fields: lists
  })
)

/** A code of a newer server is no code of ours: it stays readable in the details. */
const failureOf = ({ code, details, message, recovery }: ErrorBody): Failure<ErrorCode> => {
  const extra = {
    details: { ...details, ...(isCode(code) ? {} : { code }) },
    recovery: Either.getOrElse(decodeRecovery(recovery ?? {}), () => ({}))
  }
  return failure(isCode(code) ? code : "INTERNAL", message, extra)
}

const decodeEnvelope = Schema.decodeUnknown(Schema.parseJson(Envelope))

/** The whole body, within `limits.replyBytesMax`. */
const bodyOf = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Uint8Array, Failure<ErrorCode>> =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    return response.stream.pipe(
      Stream.mapError(() => unreachable("the connection broke within the answer")),
      Stream.runForEach((chunk) => {
        chunks.push(chunk)
        size += chunk.length
        return size > limits.replyBytesMax
          ? Effect.fail(unreachable(`the answer is above ${limits.replyBytesMax} bytes`))
          : Effect.void
      }),
      Effect.map(() => {
        const bytes = new Uint8Array(size)
        chunks.reduce((offset, chunk) => {
          bytes.set(chunk, offset)
          return offset + chunk.length
        }, 0)
        return bytes
      })
    )
  })

/** Longer than any answer is waited for on the other side. */
const answerWithin = Duration.millis(limits.waitMillisMax + 30_000)

/** Never sent again by itself: what is paid has a key, and the caller decides. */
const sent = (request: HttpClientRequest.HttpClientRequest, recovery: Recovery = {}) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const response = yield* Effect.mapError(client.execute(request), (error) =>
      unreachable(`the server did not answer: ${error._tag === "RequestError" ? error.reason : error._tag}`, recovery)
    )
    return { status: response.status, bytes: yield* bodyOf(response) }
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: answerWithin,
      onTimeout: () => unreachable(`no answer within ${Duration.format(answerWithin)}`, recovery)
    })
  )

const enveloped = (request: HttpClientRequest.HttpClientRequest, recovery?: Recovery): Fails<Told<JsonObject>> =>
  Effect.gen(function* () {
    const { bytes, status } = yield* sent(request, recovery)
    const envelope = yield* Effect.mapError(decodeEnvelope(new TextDecoder().decode(bytes)), () =>
      unreachable(`the server answered ${status} with what is no envelope: is it an Image Skill?`, recovery)
    )
    if (envelope.error !== null) return yield* failureOf(envelope.error)
    return { data: envelope.data ?? {}, warnings: envelope.warnings }
  })

const given = <A>(name: string, value: A | null) => (value === null ? {} : { [name]: value })

const bodyFor = (request: ImageRequest, delivery: Delivery): CreatePayload | EditPayload => ({
  ...given("prompt", request.prompt === null ? null : Redacted.value(request.prompt)),
  ...given("model", request.modelId),
  ...given("provider", request.providerId),
  ...given("intent", request.intent),
  aspect_ratio: request.aspectRatio,
  output_count: request.outputCount,
  references: request.references,
  model_parameters: request.parameters,
  dry_run: delivery.dryRun,
  ...given("max_estimated_usd_per_image", request.budget.perImage === null ? null : usdOf(request.budget.perImage)),
  ...given("max_usd", request.budget.whole === null ? null : usdOf(request.budget.whole)),
  accept_unknown_cost: request.budget.acceptUnknownCost,
  ...given("idempotency_key", delivery.idempotencyKey),
  wait_ms: delivery.waitMillis,
  ...given("input_asset_id", request.image),
  ...given("mask_asset_id", request.mask)
})

const paramsOf = (query: ModelsQuery): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  )

const decodeAsset = Schema.decodeUnknown(
  Schema.Struct({ asset: Schema.Struct({ asset_id: AssetId, url: Schema.optional(Schema.String) }) })
)

const noAsset = () => unreachable("the server's answer names no asset")

const pathOf = (id: string) => encodeURIComponent(id)

const doorOf = (base: URL, token: Redacted.Redacted<string> | null): Door<HttpClient.HttpClient | Ids> => {
  const at = (path: string) => `${base.href.replace(/\/+$/, "")}${path}`
  const authorized = (request: HttpClientRequest.HttpClientRequest) =>
    token === null ? request : HttpClientRequest.bearerToken(request, token)
  const read = (path: string, params: Readonly<Record<string, string>> = {}) =>
    enveloped(authorized(HttpClientRequest.get(at(path), { urlParams: params })))
  const write = (path: string, body: CreatePayload | EditPayload | UploadPayload, recovery: Recovery = {}) =>
    enveloped(authorized(HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post(at(path)), body)), recovery)

  return {
    submit: (request, delivery) =>
      Effect.gen(function* () {
        // A lost answer is asked for again with its key, which costs nothing.
        const key = delivery.idempotencyKey ?? `sdk_${yield* (yield* Ids).trace}`
        const keyed = delivery.dryRun ? delivery : { ...delivery, idempotencyKey: key }
        return yield* write(`/v1/${request.command}`, bodyFor(request, keyed), { idempotency_key: key })
      }),
    upload: (bytes) =>
      Effect.gen(function* () {
        const { data, warnings } = yield* write("/v1/upload", { bytes_base64: Encoding.encodeBase64(bytes) })
        const { asset } = yield* Effect.mapError(decodeAsset(data), noAsset)
        return { data: asset.asset_id, warnings }
      }),
    download: (assetId) =>
      Effect.gen(function* () {
        const { data } = yield* read(`/v1/assets/${pathOf(assetId)}`)
        const { asset } = yield* Effect.mapError(decodeAsset(data), noAsset)
        const file = asset.url?.slice(asset.url.lastIndexOf("/") + 1) ?? asset.asset_id
        // From where the house is reached, and without the token: the id is the capability.
        const { bytes, status } = yield* sent(HttpClientRequest.get(at(`/a/${pathOf(file)}`)))
        if (status !== 200) return yield* failure("ASSET_DOWNLOAD_FAILED", `the server answered ${status} for an asset`)
        return bytes
      }),
    models: (query) => Effect.map(read("/v1/models", paramsOf(query)), ({ data }) => data),
    job: (jobId, waitMillis) =>
      Effect.map(read(`/v1/jobs/${pathOf(jobId)}`, { wait_ms: String(waitMillis) }), ({ data }) => data)
  }
}

const refusing = (error: Failure<ErrorCode>): Door<never> => ({
  submit: () => Effect.fail(error),
  upload: () => Effect.fail(error),
  download: () => Effect.fail(error),
  models: () => Effect.fail(error),
  job: () => Effect.fail(error)
})

const doorFor = (options: RemoteOptions): Door<HttpClient.HttpClient | Ids> => {
  const url = URL.canParse(options.baseUrl) ? new URL(options.baseUrl) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "") {
    return doorOf(url, options.token === undefined ? null : Redacted.make(options.token))
  }
  const message = "baseUrl takes an http or https address without user name and query, such as https://images.example"
  return refusing(failure("INVALID_ARGUMENTS", message, { details: { issues: [{ path: "baseUrl", message }] } }))
}

const layerWire = Layer.merge(FetchHttpClient.layer, Ids.layer)

/** Runs over a server. Opens nothing before the first call, and keeps nothing open. */
export const remote = (options: RemoteOptions): ImageSkill => {
  const open = effectsOf(doorFor(options))
  const over = <A>(effect: Fails<A, HttpClient.HttpClient | Ids>): Fails<A, never> => Effect.provide(effect, layerWire)
  const effects: SkillEffects = {
    create: (wishes) => over(open.create(wishes)),
    edit: (wishes) => over(open.edit(wishes)),
    plan: (wishes) => over(open.plan(wishes)),
    upload: (bytes) => over(open.upload(bytes)),
    download: (assetId) => over(open.download(assetId)),
    models: (query) => over(open.models(query)),
    job: (jobId, waitMillis) => over(open.job(jobId, waitMillis))
  }
  return { ...promisesOf(effects), effects, close: () => Promise.resolve() }
}
