import type { JsonObject } from "@image-skill/core/kernel/JsonValue"
import { buyProvider, purchaseFlags, quoteFlags, statusFlags } from "../commands/credits.ts"
import { done, refused } from "../Envelope.ts"
import { type Arguments, valueOf } from "../Flags.ts"
import type { Question } from "../Session.ts"

/** A payment provider is asked before the answer. */
const purchaseMillisMax = 60_000

const post = (path: string, body: JsonObject) =>
  done({ method: "POST", path, body, timeoutMillis: purchaseMillisMax } as const)

export const creditsQuote: Question = {
  callOf: (given) => {
    const [credits, pack, method] = [
      valueOf(given, quoteFlags.credits),
      valueOf(given, quoteFlags.pack),
      valueOf(given, quoteFlags.paymentMethod)
    ]
    return post("/v1/credit-quotes", {
      ...(credits === undefined ? {} : { credits }),
      ...(pack === undefined ? {} : { pack_id: pack }),
      ...(method === undefined ? {} : { payment_method: method }),
      idempotency_key: valueOf(given, quoteFlags.idempotencyKey) ?? `cli_${crypto.randomUUID()}`
    })
  }
}

const purchase = (given: Arguments, path: string, more: JsonObject = {}) =>
  post(path, {
    quote_id: valueOf(given, purchaseFlags.quoteId),
    idempotency_key: valueOf(given, purchaseFlags.idempotencyKey),
    ...more
  })

/** Stripe has a place of its own; every other provider is bought where quotes are. */
export const creditsBuy: Question = {
  callOf: (given) => {
    const provider = valueOf(given, buyProvider)
    return provider === "stripe"
      ? purchase(given, "/v1/credit-purchases/stripe-checkout-sessions")
      : purchase(given, "/v1/credit-purchases", { provider })
  }
}

export const creditsFakePurchase: Question = { callOf: (given) => purchase(given, "/v1/credit-purchases") }

export const creditsStatus: Question = {
  callOf: (given) => {
    const query = {
      quote_id: valueOf(given, statusFlags.quoteId),
      payment_attempt_id: valueOf(given, statusFlags.attempt),
      checkout_session_id: valueOf(given, statusFlags.session),
      receipt_id: valueOf(given, statusFlags.receipt)
    }
    const count = Object.values(query).filter((id) => id !== undefined).length
    if (count === 1) return done({ method: "GET", path: "/v1/credit-purchases/status", query })
    const flags = Object.values(statusFlags).map(({ name }) => `--${name}`)
    const message = `credits status takes exactly one of ${flags.join(", ")}; ${count} were given`
    return refused("INVALID_ARGUMENTS", message, {
      details: { issues: [{ path: flags[0] ?? "", message }] },
      recovery: {
        suggested_command: "image-skill credits status --quote-id ID --json",
        missing_inputs: ["ID"],
        fields: flags
      }
    })
  }
}
