import { spanned } from "@image-skill/core/kernel/Traces"
import type { ProviderError, Submission } from "@image-skill/core/provider/Provider"
import { Effect, Redacted } from "effect"
import { type Exchange, textOf } from "../internal/exchange.ts"
import { refusalOf } from "./refusal.ts"

/** A POST that makes images and costs money: sent once, never again by itself. */
export interface PaidPost {
  readonly url: string
  /** Sent as a bearer token; null where the server asks for none. */
  readonly apiKey: Redacted.Redacted<string> | null
  readonly contentType: string
  readonly body: string | Uint8Array
  /** How long the answer's first byte may take. */
  readonly answerMillis: number
}

const errorBytesMax = 64 * 1024

/** Sends it. A 2xx answer is handed on unread, to be spooled; every other one is a refusal or a failure. */
export const send = Effect.fnUntraced(function* (
  exchange: Exchange,
  { answerMillis, apiKey, body, contentType, url }: PaidPost
): Effect.fn.Return<Submission, ProviderError> {
  const answer = yield* exchange.pay({
    method: "POST",
    url,
    headers: {
      accept: "application/json",
      "content-type": contentType,
      "user-agent": "image-skill",
      ...(apiKey === null ? {} : { authorization: `Bearer ${Redacted.value(apiKey)}` })
    },
    body,
    answerMillis
  })
  const { headers, status } = answer
  const named = headers["x-request-id"]
  const facts = typeof named === "string" && /^[\w.-]{1,200}$/.test(named) ? { request_id: named } : {}
  if (status >= 200 && status < 300) {
    const contentType = headers["content-type"] ?? "application/octet-stream"
    return { _tag: "Replied", reply: { contentType, body: answer.body, facts } }
  }
  // An error's text is worth having and never worth failing for.
  const text = yield* Effect.orElseSucceed(textOf(answer, errorBytesMax), () => "")
  const refusal = refusalOf(status, headers, text)
  // The operator needs what the caller is not shown.
  yield* Effect.logWarning(`a provider answered ${status}: ${refusal.error.reason}`).pipe(
    Effect.annotateLogs({ code: refusal.code, ...facts })
  )
  return yield* refusal.error
}, spanned("PaidPost.send"))
