import { ProviderError, type ProviderReason } from "@image-skill/core/provider/Provider"
import { retryAfterSeconds } from "../internal/retryAfter.ts"
import { type ErrorAnswer, type ErrorFacts, errorFacts } from "./wire.ts"

type Billed = ProviderError["billed"]

const retryAfter = ({ headers }: ErrorAnswer): { readonly retryAfterSeconds?: number } => {
  const seconds = retryAfterSeconds(headers)
  return seconds === null ? {} : { retryAfterSeconds: seconds }
}

const error = (reason: ProviderReason, message: string, billed: Billed = "no") =>
  new ProviderError({ reason, message, billed })

const named = (message: string, { types, fields }: ErrorFacts): string => {
  const about = [types.join(", "), fields.length === 0 ? "" : `in ${[...new Set(fields)].join(", ")}`]
  const words = about.filter((one) => one !== "").join(" ")
  return words === "" ? message : `${message}: ${words}`
}

/** What the model or the queue found wrong with the request itself: 400, 422 and their like. */
const ofRequest = (facts: ErrorFacts, billed: Billed): ProviderError => {
  if (facts.types.includes("content_policy_violation")) {
    return error("content_policy", "the provider's content policy refused the request", billed)
  }
  if (facts.types.includes("downstream_service_error") || facts.types.includes("no_media_generated")) {
    return error("failed", named("the provider made no image", facts), billed)
  }
  return error("invalid_request", named("the provider refused the request", facts), billed)
}

/** An answer to the paid POST that is no success. Nothing was queued, except where nobody can tell. */
export const submitRefusal = (answer: ErrorAnswer): ProviderError => {
  const facts = errorFacts(answer)
  const { status } = answer
  if (status === 429) {
    return new ProviderError({
      reason: "rate_limited",
      message: "the provider takes no more requests now",
      billed: "no",
      ...retryAfter(answer)
    })
  }
  if (status === 402 || (status === 403 && facts.isAccountLocked)) return error("quota", "the account is out of credit")
  if (status === 401 || status === 403) return error("authentication", "the key is refused")
  if (status === 404 || status === 405)
    return error("invalid_request", "the provider does not have this model any more")
  if (status >= 500 || status === 408) {
    // fal's own 5xx queued nothing and is not billed. A proxy's says nothing of what happened behind it.
    return facts.isOwn
      ? new ProviderError({
          reason: "unavailable",
          message: named("the provider is not available", facts),
          billed: "no",
          ...retryAfter(answer)
        })
      : error("outcome_unknown", "the request was sent and its answer was lost on the way", "unknown")
  }
  if (status < 400) return error("unavailable", "the provider answered with a redirect, which is not followed")
  return ofRequest(facts, "no")
}

/**
 * An answer to a question after accepted work that is no success. What may be another next time is `unavailable`,
 * `rate_limited` or, when the work is not known any more, `outcome_unknown`: asked again until the deadline.
 */
export const resultRefusal = (answer: ErrorAnswer): ProviderError => {
  const facts = errorFacts(answer)
  const { status } = answer
  if (status === 429) {
    return new ProviderError({
      reason: "rate_limited",
      message: "the provider answers no more questions now",
      billed: "unknown",
      ...retryAfter(answer)
    })
  }
  if (status === 404 || status === 410) {
    return error("outcome_unknown", "the provider took the work and does not know it any more", "unknown")
  }
  // A key that is refused now was good when the work was taken, and the work goes on without it.
  if (status < 400 || status === 401 || status === 402 || status === 403 || status === 408) {
    return error("unavailable", "the provider does not answer for accepted work", "unknown")
  }
  if (status >= 500) {
    if (answer.headers["x-fal-request-timeout-type"] === "user") {
      return error("failed", "the provider did not start the work in time")
    }
    // fal's own 5xx is the end of the work, and is not billed; a proxy's is the end of this question only.
    return facts.isOwn
      ? error("failed", named("the provider failed", facts))
      : error("unavailable", "the provider does not answer for accepted work", "unknown")
  }
  // A 422 that the model raised can be billed.
  return ofRequest(facts, status === 422 ? "unknown" : "no")
}

/** A question about the state can be refused; that is never the end of the work. */
export const stateRefusal = (answer: ErrorAnswer): ProviderError => {
  const refusal = resultRefusal(answer)
  return ["unavailable", "rate_limited", "outcome_unknown"].includes(refusal.reason)
    ? refusal
    : error("unavailable", "the provider does not tell the state", "unknown")
}

/** Work that ended with an error while its answer looks like a success. */
export const errorOfType = (type: string | null): ProviderError =>
  ofRequest(
    {
      types: [type === null || !/^[\w.-]{1,60}$/.test(type) ? "downstream_service_error" : type],
      fields: [],
      isOwn: true,
      isAccountLocked: false
    },
    "unknown"
  )
