import { ProviderError, type ProviderReason } from "@image-skill/core/provider/Provider"
import { Option, Schema } from "effect"
import { retryAfterSeconds } from "../internal/retryAfter.ts"

/** An error answer, told apart. `code` is the provider's own word, for logs. */
export interface Refusal {
  readonly code: string
  readonly error: ProviderError
}

const Text = Schema.optional(Schema.NullOr(Schema.Union(Schema.String, Schema.Number)))

const Told = { message: Text, type: Text, param: Text, code: Text }

/** `{error: {message, type, param, code}}`, `{code, error: "…"}`, and what compatible servers make of them. */
const Shape = Schema.parseJson(
  Schema.Struct({
    ...Told,
    error: Schema.optional(Schema.NullOr(Schema.Union(Schema.String, Schema.Struct(Told)))),
    detail: Schema.optional(Schema.Unknown)
  })
)
const readShape = Schema.decodeUnknownOption(Shape)

interface Words {
  readonly message: string
  readonly code: string
  readonly type: string
  readonly param: string
}

const text = (value: string | number | null | undefined): string =>
  value === undefined || value === null ? "" : String(value)

/** The provider's own words; null when the body is no error of an API, but a gateway's page, or nothing. */
const wordsOf = (body: string): Words | null => {
  const shape = Option.getOrNull(readShape(body))
  if (shape === null) return null
  const { detail, error } = shape
  const told = typeof error === "string" ? { ...shape, message: error } : (error ?? shape)
  const message = text(told.message) === "" && detail !== undefined ? JSON.stringify(detail) : text(told.message)
  return message === "" && text(told.code) === ""
    ? null
    : { message, code: text(told.code), type: text(told.type), param: text(told.param) }
}

const policyCodes = ["moderation_blocked", "content_policy_violation", "content_filter"]
const policyWords = /content policy|content.moderation|moderation|safety system|usage guidelines/i
const quotaCodes = ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"]
const quotaWords = /used all available credits|spending limit|insufficient (credits?|funds|balance)/i
const keyWords = /api key|invalid.?token|unauthenticated/i

const reasonOf = (status: number, words: Words | null): ProviderReason => {
  const { code, message, type } = words ?? { code: "", message: "", type: "" }
  const hasCode = (codes: ReadonlyArray<string>) => codes.includes(code) || codes.includes(type)
  if (status < 500) {
    if (status === 402 || hasCode(quotaCodes) || quotaWords.test(message)) return "quota"
    if (status === 429) return "rate_limited"
    // A fault in a parameter may speak of moderation too, when that is the parameter.
    const mayBePolicy = words?.param === "" && [400, 403, 422].includes(status)
    if (hasCode(policyCodes) || (mayBePolicy && policyWords.test(`${code} ${message}`))) return "content_policy"
    // xAI says 400 to a wrong key.
    if (status === 401 || status === 403 || keyWords.test(message)) return "authentication"
    // Redirects are not followed: the request, its key with it, goes to the configured host only.
    if (status < 400 || status === 409) return "unavailable"
    return status === 408 ? "outcome_unknown" : "invalid_request"
  }
  // A gateway in front of the provider gives up in words of its own while the paid work may go on behind it. In the
  // provider's own words a 503 says that it took nothing, and other 5xx that the work failed.
  if (words === null) return "outcome_unknown"
  return status === 503 ? "unavailable" : "failed"
}

const sentences: { readonly [reason in ProviderReason]: string } = {
  rate_limited: "the provider asks us to slow down",
  quota: "the provider account is out of credit",
  authentication: "the provider refuses our key",
  content_policy: "the provider's content policy refuses this request",
  invalid_request: "the provider refuses the request",
  unavailable: "the provider is not available",
  failed: "the provider failed to make the image",
  bad_output: "the provider's answer is no image",
  outcome_unknown: "a gateway gave up on the provider's answer"
}

const billedOf = (reason: ProviderReason): ProviderError["billed"] =>
  ["outcome_unknown", "failed", "content_policy"].includes(reason) ? "unknown" : "no"

/** Only plain identifiers are repeated, in public and in logs: other words quote prompts, and pieces of keys. */
const isIdentifier = (value: string): boolean => /^[a-z0-9_.[\]-]{1,64}$/i.test(value)

const named = (label: string, value: string): string => (isIdentifier(value) ? ` ${label} ${value}` : "")

/** Every answer that is not 2xx, as one of ours. Total. */
export const refusalOf = (status: number, headers: Parameters<typeof retryAfterSeconds>[0], body: string): Refusal => {
  const words = wordsOf(body)
  const reason = reasonOf(status, words)
  // It overrides when to come back: what must not be sent again is not to be waited for.
  const seconds = headers["x-should-retry"] === "false" ? null : retryAfterSeconds(headers)
  const about =
    reason === "invalid_request" ? `${named("parameter", words?.param ?? "")}${named("code", words?.code ?? "")}` : ""
  return {
    code: [words?.code, words?.type].find((word) => word !== undefined && isIdentifier(word)) ?? "",
    error: new ProviderError({
      reason,
      message: about === "" ? sentences[reason] : `${sentences[reason]}:${about}`,
      billed: billedOf(reason),
      ...(seconds === null || !["rate_limited", "unavailable"].includes(reason) ? {} : { retryAfterSeconds: seconds })
    })
  }
}
