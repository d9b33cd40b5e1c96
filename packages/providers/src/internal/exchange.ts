import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http"
import { Agent as HttpsAgent, request as httpsRequest } from "node:https"
import type { LookupFunction } from "node:net"
import { limits } from "@image-skill/core/kernel/Limits"
import { ProviderError } from "@image-skill/core/provider/Provider"
import { Duration, Effect, Either, Random, type Scope } from "effect"
import { firstBytes } from "./answerBody.ts"
import { retryAfterSeconds } from "./retryAfter.ts"

// node:http and not @effect/platform-node: the provider must know whether a paid request left this machine, which only
// the socket tells, and that client takes half a second to load (Node 20, unbundled) where a call takes one itself.

export interface Question {
  readonly method: "GET" | "PUT" | "POST"
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string | Uint8Array | null
  /** Finds the host's addresses, where not every one may be connected to. */
  readonly lookup?: LookupFunction
  /** How long until the answer's headers, in milliseconds: below 2 ** 31, as timers are. */
  readonly answerMillis: number
}

/** An answer's headers, and its body for who asks first. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  /** The first bytes of the body: all of it, where `bytesMax` is more. */
  readonly firstBytes: (bytesMax: number) => Effect.Effect<Uint8Array, ProviderError>
}

export interface Exchange {
  /** Sends once, on a connection of its own: what breaks after the connection stood may have arrived. */
  readonly pay: (question: Question) => Effect.Effect<HttpAnswer, ProviderError>
  /**
   * Sends what may be sent again, and does so up to twice where the connection breaks or the provider is busy, if that is
   * over soon: what breaks still is `unavailable`, and a busy answer is handed on.
   */
  readonly ask: (question: Question) => Effect.Effect<HttpAnswer, ProviderError>
}

const connectMillis = 10_000

const unreachable = () =>
  new ProviderError({ reason: "unavailable", message: "the provider cannot be reached", billed: "no" })

const lost = (message: string) => () => new ProviderError({ reason: "outcome_unknown", message, billed: "unknown" })

const brokenQuestion = () =>
  new ProviderError({ reason: "unavailable", message: "the connection to the provider broke", billed: "unknown" })

interface Failures {
  readonly broken: () => ProviderError
  readonly late: () => ProviderError
}

type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent } | null

const exchange = (question: Question, agents: Agents, failures: Failures): Effect.Effect<HttpAnswer, ProviderError> =>
  Effect.async<HttpAnswer, ProviderError>((resume) => {
    const url = new URL(question.url)
    const isTls = url.protocol === "https:"
    let isConnected = false
    const options = {
      method: question.method,
      headers: {
        ...question.headers,
        "accept-encoding": "identity",
        ...(question.body === null ? {} : { "content-length": String(Buffer.byteLength(question.body)) })
      },
      ...(question.lookup === undefined ? {} : { lookup: question.lookup })
    }
    const request = isTls
      ? httpsRequest(url, { ...options, agent: agents?.https ?? false })
      : httpRequest(url, { ...options, agent: agents?.http ?? false })
    const connecting = setTimeout(() => request.destroy(new Error("no connection")), connectMillis)
    const connected = () => {
      isConnected = true
      clearTimeout(connecting)
    }
    const end = (result: Effect.Effect<HttpAnswer, ProviderError>) => {
      clearTimeout(connecting)
      clearTimeout(answering)
      resume(result)
    }
    const answering = setTimeout(() => {
      request.destroy()
      end(Effect.fail(failures.late()))
    }, question.answerMillis)
    request.on("socket", (socket) => {
      if (socket.connecting) socket.once(isTls ? "secureConnect" : "connect", connected)
      else connected()
    })
    request.on("response", (response) => {
      // Who reads the body is told; without any listener, a break before that would end the process.
      response.on("error", () => undefined)
      end(
        Effect.succeed({
          status: response.statusCode ?? 0,
          headers: response.headers,
          firstBytes: (bytesMax) => firstBytes(response, bytesMax, failures.broken)
        })
      )
    })
    request.on("error", () => end(Effect.fail(isConnected ? failures.broken() : unreachable())))
    request.end(question.body ?? undefined)
    return Effect.sync(() => {
      clearTimeout(connecting)
      clearTimeout(answering)
      request.destroy()
    })
  })

const triesMax = 3
const firstWaitMillis = 250
/** Who is told to come back later than this is the caller's affair. */
const waitMillisMax = 2_000
const busyStatuses: ReadonlyArray<number> = [429, 502, 503, 504]

/** How long to wait before the next try; null when there is to be none. */
const waitMillis = (got: Either.Either<HttpAnswer, ProviderError>, tried: number): number | null => {
  if (tried >= triesMax) return null
  const doubled = firstWaitMillis * 2 ** (tried - 1)
  if (Either.isLeft(got)) return doubled
  if (!busyStatuses.includes(got.right.status)) return null
  // A 504 of fal's own is the end of the work, and says so.
  if (got.right.headers["x-fal-request-timeout-type"] !== undefined) return null
  const asked = (retryAfterSeconds(got.right.headers) ?? 0) * 1000
  return asked > waitMillisMax ? null : Math.max(asked, doubled)
}

const patiently = (
  once: Effect.Effect<HttpAnswer, ProviderError>,
  tried = 1
): Effect.Effect<HttpAnswer, ProviderError> =>
  Effect.gen(function* () {
    const got = yield* Effect.either(once)
    const wait = waitMillis(got, tried)
    if (wait === null) return yield* got
    if (Either.isRight(got)) yield* letGo(got.right)
    yield* Effect.sleep(Duration.millis(wait * (yield* Random.nextRange(1, 1.25))))
    return yield* patiently(once, tried + 1)
  })

/** Connections of questions are kept for the next one; those of paid requests never are. */
export const makeExchange: Effect.Effect<Exchange, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => ({
      http: new HttpAgent({ keepAlive: true, maxSockets: 16 }),
      https: new HttpsAgent({ keepAlive: true, maxSockets: 16 })
    })),
    ({ http, https }) =>
      Effect.sync(() => {
        http.destroy()
        https.destroy()
      })
  ),
  (agents) => ({
    pay: (question) =>
      exchange(question, null, {
        broken: lost("the connection broke after the request was sent"),
        late: lost("the provider did not answer in time")
      }),
    ask: (question) => patiently(exchange(question, agents, { broken: brokenQuestion, late: brokenQuestion }))
  })
)

/** The text of a small answer: its first `bytesMax` bytes. */
export const textOf = (answer: HttpAnswer, bytesMax: number): Effect.Effect<string, ProviderError> =>
  Effect.map(answer.firstBytes(bytesMax), (bytes) => new TextDecoder().decode(bytes))

/** The answer as a reply to be spooled: `collect` says when it is too large. */
export const replyBody = (answer: HttpAnswer): Effect.Effect<Uint8Array, ProviderError> =>
  answer.firstBytes(limits.replyBytesMax + 1)

/** Of an answer that nobody needs. */
export const letGo = (answer: HttpAnswer): Effect.Effect<void> => Effect.ignore(answer.firstBytes(1))
