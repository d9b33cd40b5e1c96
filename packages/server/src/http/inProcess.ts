import {
  Headers,
  type HttpApi,
  HttpApiBuilder,
  HttpApp,
  type HttpMethod,
  type HttpRouter,
  HttpServer,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "@effect/platform"
import { Effect, type Fiber, Layer, ManagedRuntime, Runtime, type Scope } from "effect"
import { memoryRequest } from "./memoryRequest.ts"

/** A request of this process: what travels, without the classes of the web. */
export interface Asked {
  readonly method: HttpMethod.HttpMethod
  /** Its origin is a name only. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Aborted: the caller has hung up. A job that was accepted goes on. */
  readonly signal: AbortSignal
}

export interface Answered {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Uint8Array>
}

/** An app that is called in this process: no socket. */
export interface InProcess {
  /** Cheap: nothing of Node's fetch is loaded. */
  readonly exchange: (asked: Asked) => Promise<Answered>
  /** The same for hosts that speak the web's `Request` and `Response`. */
  readonly fetch: (request: Request) => Promise<Response>
  readonly close: () => Promise<void>
}

type Services = HttpRouter.HttpRouter.DefaultServices

type Fork = (effect: Effect.Effect<unknown, unknown, Services>) => Fiber.RuntimeFiber<unknown, unknown>

/** Runs the app for one request; the response of a caller that hung up is nobody's. */
export const answering =
  (fork: Fork, app: HttpApp.Default<never, Services | Scope.Scope>) =>
  (request: HttpServerRequest.HttpServerRequest, signal: AbortSignal) =>
    new Promise<HttpServerResponse.HttpServerResponse>((resolve, reject) => {
      const handled = HttpApp.toHandled(app, (_, response) =>
        Effect.sync(() => resolve(HttpApp.unsafeEjectStreamScope(response)))
      )
      const fiber = fork(Effect.provideService(handled, HttpServerRequest.HttpServerRequest, request))
      fiber.addObserver((exit) => {
        // Nothing when the app was answered for.
        if (exit._tag === "Failure") reject(Runtime.makeFiberFailure(exit.cause))
      })
      signal.addEventListener("abort", () => fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId), {
        once: true
      })
    })

const none = new Uint8Array()

async function* chunksOf(response: HttpServerResponse.HttpServerResponse): AsyncGenerator<Uint8Array> {
  if (response.body._tag === "Empty") return
  if (response.body._tag === "Uint8Array") yield response.body.body
  // Bodies of other kinds only the web knows how to read.
  else for await (const chunk of HttpServerResponse.toWeb(response).body ?? []) yield chunk
}

type Ask = ReturnType<typeof answering>

/** What a proxy would add to each request of a caller. */
export interface Forwarded {
  readonly headers: Readonly<Record<string, string>>
  readonly remoteAddress?: string
}

/** Speaks to an app. */
export const exchangeOver =
  (made: () => Promise<Ask>, forwarded: Forwarded = { headers: {} }): InProcess["exchange"] =>
  async ({ body, headers, method, signal, url }) => {
    const ask = await made()
    const request = memoryRequest({
      ...forwarded,
      method,
      url: `${url.pathname}${url.search}`,
      headers: Headers.fromInput({ ...headers, ...forwarded.headers }),
      body: body === null ? none : new TextEncoder().encode(body)
    })
    const response = await ask(request, signal)
    return { status: response.status, headers: response.headers, body: chunksOf(response) }
  }

/** Speaks to an app that is made by the first request. */
const speak = (made: () => Promise<Ask>, close: () => Promise<void>): InProcess => ({
  exchange: exchangeOver(made),
  fetch: async (request) => {
    const ask = await made()
    const sent = HttpServerRequest.fromWeb(request)
    const { headers, method, url } = sent
    // The platform takes a web request without a body for one whose body is broken.
    const whole = request.body === null ? memoryRequest({ method, url, headers, body: none }) : sent
    const response = await ask(whole, request.signal)
    return HttpServerResponse.toWeb(response, { withoutBody: request.method === "HEAD" })
  },
  close
})

/**
 * The API of a layer, which is built by the first request and released by `close`. What the memo map holds already is
 * shared; two APIs never share one, for its router would hold the routes of both.
 */
export const inProcess = <E>(layer: Layer.Layer<HttpApi.Api | Services, E>, memoMap?: Layer.MemoMap): InProcess => {
  const house = ManagedRuntime.make(
    Layer.mergeAll(layer, HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer),
    memoMap
  )
  const make = async () => answering(house.runFork, await house.runPromise(HttpApiBuilder.httpApp))
  let making: Promise<Ask> | undefined
  return speak(
    () => (making ??= make()),
    () => house.dispose()
  )
}

/** An app without an API. */
export const inProcessApp = (app: HttpApp.Default<never, Scope.Scope>): InProcess => {
  const house = ManagedRuntime.make(HttpServer.layerContext)
  const ask = answering(house.runFork, app)
  return speak(
    () => Promise.resolve(ask),
    () => house.dispose()
  )
}
