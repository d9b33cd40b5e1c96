import type { Model } from "@image-skill/core/catalog/Model"
import type { Json } from "@image-skill/core/kernel/Json"
import { type Adapter, type Poll, ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, Redacted, Schema, type Scope } from "effect"
import { type Exchange, type HttpAnswer, letGo, makeExchange, replyBody, textOf } from "../internal/exchange.ts"
import { checkImages, encodeCall } from "./encode.ts"
import { routes } from "./models.ts"
import type { Route } from "./Record.ts"
import { errorOfType, resultRefusal, stateRefusal, submitRefusal } from "./refusal.ts"
import { uploadLarge } from "./upload.ts"
import { decodeReply, type ErrorAnswer, errorFacts, Handle, isOurs, Status, Submitted } from "./wire.ts"

export interface Endpoint {
  readonly apiKey: Redacted.Redacted<string>
  /** Origin of the queue, with a path where a gateway stands before it. */
  readonly baseUrl: URL
  /** Of the file storage, for images too large for a request. */
  readonly storageUrl: URL
  /** How long the queue may take to accept work; a minute unless it is given. */
  readonly submitMillis?: number
}

const smallAnswerBytes = 256 * 1024
const submitMillis = 60_000
const askMillis = 30_000
/** Results are copied at once; fal may forget them after a day. */
const objectLifecycle = '{"expiration_duration_seconds":86400}'

const decodeHandle = Schema.decodeUnknown(Handle)
const decodeSubmitted = Schema.decodeUnknown(Submitted)
const decodeStatus = Schema.decodeUnknown(Status)

const unknown = (message: string) => new ProviderError({ reason: "outcome_unknown", message, billed: "unknown" })

const isSuccess = ({ status }: HttpAnswer) => status >= 200 && status < 300

const routeOf = (model: Pick<Model, "id">): Effect.Effect<Route, ProviderError> => {
  const route = routes().get(model.id)
  return route === undefined
    ? Effect.fail(new ProviderError({ reason: "invalid_request", message: `${model.id} is not known`, billed: "no" }))
    : Effect.succeed(route)
}

/** An error's text is worth having and never worth failing for. */
const errorAnswer = (answer: HttpAnswer): Effect.Effect<ErrorAnswer> =>
  textOf(answer, smallAnswerBytes).pipe(
    Effect.orElseSucceed(() => ""),
    Effect.map((text) => ({ status: answer.status, headers: answer.headers, text }))
  )

const headerOf = (answer: HttpAnswer, name: string): string | null => {
  const value = answer.headers[name]
  return typeof value === "string" && value.length <= 100 ? value : null
}

/** What the headers of a result tell that its body does not. */
const factsOf = (answer: HttpAnswer) => {
  const units = headerOf(answer, "x-fal-billable-units")
  return units === null ? {} : { billable_units: units }
}

const authorization = ({ apiKey }: Endpoint) => ({ authorization: `Key ${Redacted.value(apiKey)}` })

/** Our key goes where these addresses point. */
const areOurs = ({ baseUrl }: Endpoint, handle: Handle) =>
  [handle.status_url, handle.response_url, handle.cancel_url].every((address) => isOurs(baseUrl, address))

const submitTo = (endpoint: Endpoint, exchange: Exchange): Adapter["submit"] => {
  const upload = uploadLarge(exchange, endpoint)
  return Effect.fn("fal.submit")(function* (call) {
    const route = yield* routeOf(call.model)
    yield* checkImages(call, route)
    const body = yield* encodeCall(call, route, yield* upload(call))
    const answer = yield* exchange.pay({
      method: "POST",
      url: `${endpoint.baseUrl.href.replace(/\/+$/, "")}/${route.endpoint}`,
      headers: {
        ...authorization(endpoint),
        "content-type": "application/json",
        accept: "application/json",
        // One attempt of ours is one of theirs, and none that starts when nobody waits any more.
        "x-fal-no-retry": "1",
        "x-fal-request-timeout": String(Math.ceil(call.model.deadlineMillis / 1000)),
        "x-fal-object-lifecycle-preference": objectLifecycle
      },
      body: JSON.stringify(body),
      answerMillis: endpoint.submitMillis ?? submitMillis
    })
    if (!isSuccess(answer)) return yield* submitRefusal(yield* errorAnswer(answer))
    const handle = yield* textOf(answer, smallAnswerBytes).pipe(
      Effect.flatMap(decodeSubmitted),
      Effect.mapError(() => unknown("the provider took the work and its receipt cannot be read"))
    )
    return areOurs(endpoint, handle)
      ? { _tag: "Accepted", handle: { ...handle } }
      : yield* unknown("the provider took the work and named addresses that are not its own")
  })
}

/** Questions after accepted work. Everything here is safe to repeat. */
const questionsTo = (endpoint: Endpoint, exchange: Exchange) => {
  const handleOf = (raw: Json): Effect.Effect<Handle, ProviderError> =>
    decodeHandle(raw).pipe(
      Effect.filterOrFail((handle) => areOurs(endpoint, handle)),
      Effect.mapError(() => unknown("the work was taken under another address than the one configured now"))
    )

  const ask = (method: "GET" | "PUT", url: string) =>
    exchange.ask({
      method,
      url,
      headers: { ...authorization(endpoint), accept: "application/json" },
      body: null,
      answerMillis: askMillis
    })

  const state = Effect.fn("fal.state")(function* (handle: Handle) {
    const answer = yield* ask("GET", handle.status_url)
    if (!isSuccess(answer)) return yield* stateRefusal(yield* errorAnswer(answer))
    const text = yield* textOf(answer, smallAnswerBytes)
    return yield* Effect.mapError(
      decodeStatus(text),
      () =>
        new ProviderError({ reason: "unavailable", message: "the provider's state cannot be read", billed: "unknown" })
    )
  })

  /** `failed`: how the state said that it ended; null when it ended well. */
  const result = Effect.fn("fal.result")(function* (
    handle: Handle,
    failed: { readonly type: string | null } | null
  ): Effect.fn.Return<Poll, ProviderError> {
    const answer = yield* ask("GET", handle.response_url)
    if (!isSuccess(answer)) {
      const refusal = yield* errorAnswer(answer)
      const isCanceled = refusal.status === 499 || errorFacts(refusal).types.includes("client_cancelled")
      return isCanceled ? { _tag: "Canceled" } : yield* resultRefusal(refusal)
    }
    if (failed !== null) {
      yield* letGo(answer)
      return failed.type === "client_cancelled" ? { _tag: "Canceled" } : yield* errorOfType(failed.type)
    }
    const contentType = headerOf(answer, "content-type") ?? "application/json"
    return { _tag: "Replied", reply: { contentType, body: replyBody(answer), facts: factsOf(answer) } }
  })

  const poll = Effect.fn("fal.poll")(function* (raw: Json): Effect.fn.Return<Poll, ProviderError> {
    const handle = yield* handleOf(raw)
    const now = yield* state(handle)
    if (now.status !== "COMPLETED") return { _tag: "Running" }
    const hasFailed = (now.error_type ?? null) !== null || (now.error ?? null) !== null
    return yield* result(handle, hasFailed ? { type: now.error_type ?? null } : null)
  })

  const cancel = Effect.fn("fal.cancel")(function* (raw: Json): Effect.fn.Return<void, ProviderError> {
    const handle = yield* handleOf(raw)
    const answer = yield* ask("PUT", handle.cancel_url)
    const refusal = yield* errorAnswer(answer)
    // 400: it has ended already; 404: it is not there. Polling tells which.
    if (!isSuccess(answer) && answer.status !== 400 && answer.status !== 404) return yield* stateRefusal(refusal)
  })

  return { poll, cancel }
}

/** fal's queue: submit, ask for the state, take the result. Cancel is a request that it may not grant. */
export const makeAdapter = (
  endpoint: Endpoint
): Effect.Effect<Required<Pick<Adapter, "submit" | "poll" | "cancel" | "decode">>, never, Scope.Scope> =>
  Effect.map(makeExchange, (exchange) => ({
    submit: submitTo(endpoint, exchange),
    ...questionsTo(endpoint, exchange),
    decode: (call, reply) => Effect.flatMap(routeOf(call.model), (route) => decodeReply(route, reply))
  }))
