import {
  Cookies,
  Headers,
  HttpIncomingMessage,
  type HttpMethod,
  HttpServerError,
  HttpServerRequest,
  Multipart,
  UrlParams
} from "@effect/platform"
import { Effect, Inspectable, Option, Schema, Stream } from "effect"

export interface InMemory {
  readonly method: HttpMethod.HttpMethod
  /** Path and query. */
  readonly url: string
  readonly headers: Headers.Headers
  readonly body: Uint8Array
  readonly remoteAddress?: string
}

const parse = Schema.decodeUnknown(Schema.parseJson())

/**
 * A request whose body is here already. The platform's own are over a web `Request`, and the first of those in a
 * process loads Node's fetch: as long as a whole start of Node. Takes no forms and no upgrades, as our API does not.
 */
export const memoryRequest = (parts: InMemory): HttpServerRequest.HttpServerRequest => {
  const { body, headers, method, url } = parts
  const refusal = (cause: unknown) => new HttpServerError.RequestError({ request, reason: "Decode", cause })
  const text = Effect.sync(() => new TextDecoder().decode(body))
  const noForm = () => new Multipart.MultipartError({ reason: "Parse", cause: "forms are not taken" })
  const request: HttpServerRequest.HttpServerRequest = {
    ...Inspectable.BaseProto,
    [HttpServerRequest.TypeId]: HttpServerRequest.TypeId,
    [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId,
    source: body,
    method,
    url,
    originalUrl: url,
    headers,
    get cookies() {
      return Cookies.parseHeader(headers["cookie"] ?? "")
    },
    remoteAddress: Option.fromNullable(parts.remoteAddress),
    text,
    json: Effect.mapError(Effect.flatMap(text, parse), refusal),
    urlParamsBody: Effect.map(text, (form) => UrlParams.fromInput(new URLSearchParams(form))),
    arrayBuffer: Effect.sync(() => new Uint8Array(body).buffer),
    get stream() {
      return Stream.make(body)
    },
    multipart: Effect.failSync(noForm),
    get multipartStream() {
      return Stream.fail(noForm())
    },
    upgrade: Effect.failSync(() => refusal("not an upgrade")),
    modify: (changes) => memoryRequest({ ...parts, ...changes }),
    // No body: it holds prompts.
    toJSON: () => ({ _id: "@image-skill/server/memoryRequest", method, url })
  }
  return request
}

/** The body of a request that has it in memory. */
export const bodyInMemory = (request: HttpServerRequest.HttpServerRequest): Uint8Array | null =>
  request.source instanceof Uint8Array ? request.source : null
