import type { Model } from "@image-skill/core/catalog/Model"
import type { Json } from "@image-skill/core/kernel/Json"
import {
  type Adapter,
  type Poll,
  type ProviderCall,
  ProviderError,
  type Submission
} from "@image-skill/core/provider/Provider"
import { Effect, Redacted, Schema, type Scope, Stream } from "effect"
import { encodeCall } from "./encode.ts"
import { type HttpAnswer, makeExchange, textOf } from "./exchange.ts"
import { routes } from "./models.ts"
import type { Route } from "./Record.ts"
import { errorOfType, resultRefusal, submitRefusal } from "./refusal.ts"
import { decodeReply, type ErrorAnswer, errorFacts, Handle, isOurs, Status, Submitted } from "./wire.ts"

export interface Endpoint {
  readonly apiKey: Redacted.Redacted<string>
  /** Origin of the queue, with a path where a gateway stands before it. */
  readonly baseUrl: URL
}

const smallAnswerBytes = 256 * 1024
const submitMillis = 60_000
const askMillis = 30_000
/** Results are copied at once; fal may forget them after a day. */
const objectLifecycle = '{"expiration_duration_seconds":86400}'

const decodeHandle = Schema.decodeUnknown(Handle)
const decodeSubmitted = Schema.decodeUnknown(Submitted)
const decodeStatus = Schema.decodeUnknown(Status)

const accepted = (message: string) => new ProviderError({ reason: "outcome_unknown", message, billed: "unknown" })

const isSuccess = ({ status }: HttpAnswer) => status >= 200 && status < 300

const routeOf = (model: Pick<Model, "id">): Effect.Effect<Route, ProviderError> => {
  const route = routes.get(model.id)
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

const headerOf = (answer: HttpAnswer, name: string) => {
  const value = answer.headers[name]
  return typeof value === "string" && value.length <= 100 ? { value } : null
}

/** What the headers of a result tell that its body does not. */
const factsOf = (answer: HttpAnswer) => {
  const units = headerOf(answer, "x-fal-billable-units")
  return units === null ? {} : { billable_units: units.value }
}

/** fal's queue: submit, ask for the state, take the result. Cancel is a request that it may not grant. */
export const makeAdapter = (endpoint: Endpoint): Effect.Effect<Adapter, never, Scope.Scope> =>
  Effect.map(makeExchange, (exchange) => {
    const authorization = () => ({ authorization: `Key ${Redacted.value(endpoint.apiKey)}` })
    const base = endpoint.baseUrl.href.replace(/\/+$/, "")

    const submit = Effect.fn("fal.submit")(function* (call: ProviderCall): Effect.fn.Return<Submission, ProviderError> {
      const route = yield* routeOf(call.model)
      const body = yield* encodeCall(call, route)
      const answer = yield* exchange.pay({
        method: "POST",
        url: `${base}/${route.endpoint}`,
        headers: {
          ...authorization(),
          "content-type": "application/json",
          accept: "application/json",
          // One attempt of ours is one of theirs, and none that starts when nobody waits any more.
          "x-fal-no-retry": "1",
          "x-fal-request-timeout": String(Math.ceil(call.model.deadlineMillis / 1000)),
          "x-fal-object-lifecycle-preference": objectLifecycle
        },
        body: JSON.stringify(body),
        answerMillis: submitMillis
      })
      if (!isSuccess(answer)) return yield* submitRefusal(yield* errorAnswer(answer))
      const handle = yield* textOf(answer, smallAnswerBytes).pipe(
        Effect.flatMap(decodeSubmitted),
        Effect.mapError(() => accepted("the provider took the work and its receipt cannot be read"))
      )
      // Our key goes where these addresses point.
      const isSafe = [handle.status_url, handle.response_url, handle.cancel_url].every((url) =>
        isOurs(endpoint.baseUrl, url)
      )
      if (!isSafe) return yield* accepted("the provider took the work and named addresses that are not its own")
      return { _tag: "Accepted", handle: { ...handle } }
    })

    const handleOf = (raw: Json): Effect.Effect<Handle, ProviderError> =>
      decodeHandle(raw).pipe(
        Effect.filterOrFail(
          (handle) =>
            isOurs(endpoint.baseUrl, handle.status_url) &&
            isOurs(endpoint.baseUrl, handle.response_url) &&
            isOurs(endpoint.baseUrl, handle.cancel_url)
        ),
        Effect.mapError(() => accepted("the work was taken under another address than the one configured now"))
      )

    const get = (url: string) =>
      exchange.ask({
        method: "GET",
        url,
        headers: { ...authorization(), accept: "application/json" },
        body: null,
        answerMillis: askMillis
      })

    const state = (handle: Handle) =>
      Effect.gen(function* () {
        const answer = yield* get(handle.status_url)
        if (!isSuccess(answer)) return yield* resultOrFailure(yield* errorAnswer(answer), "state")
        return yield* textOf(answer, smallAnswerBytes).pipe(
          Effect.flatMap(decodeStatus),
          Effect.catchTag("ParseError", () =>
            Effect.fail(
              new ProviderError({
                reason: "unavailable",
                message: "the provider's state cannot be read",
                billed: "unknown"
              })
            )
          )
        )
      })

    const result = (handle: Handle, failed: string | null | undefined): Effect.Effect<Poll, ProviderError> =>
      Effect.gen(function* () {
        const answer = yield* get(handle.response_url)
        if (!isSuccess(answer)) {
          const refusal = yield* errorAnswer(answer)
          const isCanceled = refusal.status === 499 || errorFacts(refusal).types.includes("client_cancelled")
          return isCanceled ? { _tag: "Canceled" } : yield* resultOrFailure(refusal, "result")
        }
        if (failed !== undefined) {
          yield* Effect.ignore(Stream.runDrain(Stream.take(answer.body, 1)))
          return failed === "client_cancelled" ? { _tag: "Canceled" } : yield* errorOfType(failed)
        }
        return {
          _tag: "Replied",
          reply: {
            contentType: headerOf(answer, "content-type")?.value ?? "application/json",
            body: answer.body,
            facts: factsOf(answer)
          }
        }
      })

    const poll = Effect.fn("fal.poll")(function* (raw: Json): Effect.fn.Return<Poll, ProviderError> {
      const handle = yield* handleOf(raw)
      const now = yield* state(handle)
      if (now.status !== "COMPLETED") return { _tag: "Running" }
      const hasFailed = now.error_type != null || (now.error !== undefined && now.error !== null)
      return yield* result(handle, hasFailed ? (now.error_type ?? null) : undefined)
    })

    const cancel = Effect.fn("fal.cancel")(function* (raw: Json): Effect.fn.Return<void, ProviderError> {
      const handle = yield* handleOf(raw)
      const answer = yield* exchange.ask({
        method: "PUT",
        url: handle.cancel_url,
        headers: authorization(),
        body: null,
        answerMillis: askMillis
      })
      const refusal = yield* errorAnswer(answer)
      // 400: it has ended already; 404: it is not there. Polling tells which.
      if (!isSuccess(answer) && answer.status !== 400 && answer.status !== 404) return yield* resultRefusal(refusal)
    })

    const decode: Adapter["decode"] = (call, reply) =>
      Effect.flatMap(routeOf(call.model), (route) => decodeReply(route, reply))

    return { submit, poll, pollEvery: "1 second", cancel, decode }
  })

/** A failed question about the state is never the end of the work; one about its result can be. */
const resultOrFailure = (answer: ErrorAnswer, about: "state" | "result"): Effect.Effect<never, ProviderError> => {
  const refusal = resultRefusal(answer)
  const isPatient = ["unavailable", "rate_limited", "outcome_unknown"].includes(refusal.reason)
  return Effect.fail(
    about === "result" || isPatient
      ? refusal
      : new ProviderError({ reason: "unavailable", message: "the provider does not tell the state", billed: "unknown" })
  )
}
