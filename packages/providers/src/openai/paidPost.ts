import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Agent } from "@effect/platform-node/Undici"
import { ProviderError, type Submission } from "@image-skill/core/provider/Provider"
import { Context, Effect, Layer, Redacted, type Scope, Stream } from "effect"
import { refusalOf } from "./refusal.ts"

/** A POST that makes images and costs money: sent once, never again by itself. */
export interface PaidPost {
  readonly url: string
  /** Sent as a bearer token; null where the server asks for none. */
  readonly apiKey: Redacted.Redacted<string> | null
  readonly body: HttpBody.HttpBody
  /** How long the answer's first byte may take. */
  readonly answerMillis: number
}

const connectMillis = 10_000
/** A stream of bytes that is silent this long has broken. */
const silenceMillis = 60_000
const errorBytesMax = 64 * 1024

const dispatcher = Layer.scoped(
  NodeHttpClient.Dispatcher,
  Effect.acquireRelease(
    Effect.sync(() => new Agent({ connect: { timeout: connectMillis }, pipelining: 0 })),
    (agent) => Effect.promise(() => agent.destroy())
  )
)

/**
 * An HTTP client whose connections serve one call each. A kept one may be closed by its server just as the next paid
 * request goes out, and whether that request arrived nobody could tell.
 */
export const makeHttpClient: Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> = Layer.build(
  NodeHttpClient.layerUndiciWithoutDispatcher.pipe(Layer.provide(dispatcher))
).pipe(
  Effect.map((context) => Context.get(context, HttpClient.HttpClient)),
  // Our trace ids are nobody else's business.
  Effect.map(HttpClient.withTracerPropagation(false))
)

const lost = (message: string) => new ProviderError({ reason: "outcome_unknown", message, billed: "unknown" })

const connectCodes = [
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"],
  ...["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_INVALID_ARG", "ERR_INVALID_URL"]
]
const certificateCode = /CERT|^ERR_TLS|^ERR_SSL|UNABLE_TO_/

/** Whether the request surely never left: only then may the call be made again. */
const neverSent = (cause: unknown): boolean => {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(neverSent)
  if (typeof cause !== "object" || cause === null) return false
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : ""
  const syscall = "syscall" in cause ? cause.syscall : null
  return connectCodes.includes(code) || certificateCode.test(code) || syscall === "connect" || syscall === "getaddrinfo"
}

const notAnswered = (error: HttpClientError.HttpClientError): ProviderError =>
  error._tag === "RequestError" && (error.reason !== "Transport" || neverSent(error.cause))
    ? new ProviderError({ reason: "unavailable", message: "the provider cannot be reached", billed: "no" })
    : lost("the connection broke after the request was sent")

const bodyOf = (response: HttpClientResponse.HttpClientResponse): Stream.Stream<Uint8Array, ProviderError> =>
  response.stream.pipe(
    Stream.mapError(() => lost("the provider's answer was cut off")),
    Stream.timeoutFail(() => lost("the provider's answer stalled"), silenceMillis)
  )

const noBytes: ReadonlyArray<Uint8Array> = []

/** The text of an error's body, as far as it is of a size that errors have. */
const errorText = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
  bodyOf(response).pipe(
    Stream.mapAccum(0, (size, chunk): readonly [number, readonly [number, Uint8Array]] => [
      size + chunk.length,
      [size, chunk]
    ]),
    Stream.takeWhile(([before]) => before < errorBytesMax),
    Stream.runFold(noBytes, (all, [, chunk]) => [...all, chunk]),
    Effect.map((chunks) => Buffer.concat(chunks).toString("utf8").slice(0, errorBytesMax)),
    Effect.orElseSucceed(() => "")
  )

/** Sends it. A 2xx answer is handed on unread, to be spooled; every other one is a refusal or a failure. */
export const send = Effect.fn("PaidPost.send")(function* (
  client: HttpClient.HttpClient,
  post: PaidPost
): Effect.fn.Return<Submission, ProviderError> {
  const request = HttpClientRequest.post(post.url, {
    body: post.body,
    acceptJson: true,
    headers: {
      "user-agent": "image-skill",
      ...(post.apiKey === null ? {} : { authorization: `Bearer ${Redacted.value(post.apiKey)}` })
    }
  })
  const response = yield* client.execute(request).pipe(
    Effect.mapError(notAnswered),
    Effect.timeoutFail({
      duration: post.answerMillis,
      onTimeout: () => lost("the provider did not answer in time")
    })
  )
  const requestId = response.headers["x-request-id"]
  if (response.status >= 200 && response.status < 300) {
    return {
      _tag: "Replied",
      reply: {
        contentType: response.headers["content-type"] ?? "application/octet-stream",
        body: bodyOf(response),
        facts: requestId === undefined ? {} : { request_id: requestId.slice(0, 200) }
      }
    }
  }
  const refusal = refusalOf(response.status, response.headers, yield* errorText(response))
  // The operator needs what the caller is not shown.
  yield* Effect.logWarning(`a provider answered ${response.status}: ${refusal.error.reason}`).pipe(
    Effect.annotateLogs({ code: refusal.code, ...(requestId === undefined ? {} : { request_id: requestId }) })
  )
  return yield* refusal.error
})
