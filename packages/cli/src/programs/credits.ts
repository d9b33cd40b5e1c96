import { fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import type { Call } from "../Client.ts"
import { buyProvider, purchaseFlags, quoteFlags, statusFlags } from "../commands/credits.ts"
import { valueOf } from "../Flags.ts"
import type { Program, Session } from "../Session.ts"

/** A payment provider is asked before the answer. */
const purchaseMillisMax = 60_000

const post = (session: Session, path: string, body: JsonObject) => {
  const call: Call = { method: "POST", path, body, timeoutMillis: purchaseMillisMax }
  return session.client.ask(call)
}

export const creditsQuote: Program = (session) => {
  const { given } = session
  const [credits, pack, method] = [
    valueOf(given, quoteFlags.credits),
    valueOf(given, quoteFlags.pack),
    valueOf(given, quoteFlags.paymentMethod)
  ]
  return post(session, "/v1/credit-quotes", {
    ...(credits === undefined ? {} : { credits }),
    ...(pack === undefined ? {} : { pack_id: pack }),
    ...(method === undefined ? {} : { payment_method: method }),
    idempotency_key: valueOf(given, quoteFlags.idempotencyKey) ?? `cli_${crypto.randomUUID()}`
  })
}

const purchase = (session: Session, path: string, more: JsonObject = {}) =>
  post(session, path, {
    quote_id: valueOf(session.given, purchaseFlags.quoteId),
    idempotency_key: valueOf(session.given, purchaseFlags.idempotencyKey),
    ...more
  })

/** Stripe has a place of its own; every other provider is bought where quotes are. */
export const creditsBuy: Program = (session) => {
  const provider = valueOf(session.given, buyProvider)
  return provider === "stripe"
    ? purchase(session, "/v1/credit-purchases/stripe-checkout-sessions")
    : purchase(session, "/v1/credit-purchases", { provider })
}

export const creditsFakePurchase: Program = (session) => purchase(session, "/v1/credit-purchases")

export const creditsStatus: Program = (session) => {
  const query = {
    quote_id: valueOf(session.given, statusFlags.quoteId),
    payment_attempt_id: valueOf(session.given, statusFlags.attempt),
    checkout_session_id: valueOf(session.given, statusFlags.session),
    receipt_id: valueOf(session.given, statusFlags.receipt)
  }
  const count = Object.values(query).filter((id) => id !== undefined).length
  if (count === 1) return session.client.ask({ method: "GET", path: "/v1/credit-purchases/status", query })
  const flags = Object.values(statusFlags).map(({ name }) => `--${name}`)
  const message = `credits status takes exactly one of ${flags.join(", ")}; ${count} were given`
  return fail("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: flags[0] ?? "", message }] },
    recovery: {
      suggested_command: "image-skill credits status --quote-id ID --json",
      missing_inputs: ["ID"],
      fields: flags
    }
  })
}
