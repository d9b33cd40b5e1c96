import { spanned } from "@image-skill/core/kernel/Traces"
import type { Adapter, ProviderCall, ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, type Redacted, type Scope } from "effect"
import { makeExchange } from "../internal/exchange.ts"
import { send } from "./paidPost.ts"
import { decodeReply, type Encoded, encodeCall } from "./wire.ts"

export interface Endpoint {
  readonly baseUrl: string
  readonly apiKey: Redacted.Redacted<string> | null
}

/** How a provider's calls are said and its answers read. */
interface Dialect {
  readonly encode: (call: ProviderCall) => Effect.Effect<Encoded, ProviderError>
  readonly decode: Adapter["decode"]
}

/** An adapter for one POST that answers with the images. Such a call cannot be found again, nor canceled. */
export const makeSyncAdapter = (
  { apiKey, baseUrl }: Endpoint,
  { decode, encode }: Dialect
): Effect.Effect<Adapter, never, Scope.Scope> =>
  Effect.map(makeExchange, (exchange) => ({
    submit: Effect.fnUntraced(function* (call) {
      const { body, contentType, path } = yield* encode(call)
      const url = `${baseUrl}${path}`
      return yield* send(exchange, { url, apiKey, contentType, body, answerMillis: call.model.deadlineMillis })
    }, spanned("SyncAdapter.submit")),
    decode
  }))

export const makeOpenAiAdapter = (endpoint: Endpoint) =>
  makeSyncAdapter(endpoint, { encode: encodeCall, decode: decodeReply })
