import { failure } from "../../kernel/Errors.ts"
import type { Availability, PaymentRail } from "../PaymentRail.ts"
import type { CreditQuote } from "../PaymentRecords.ts"

export const unavailable = (rail: string, offered: Extract<Availability, { readonly available: false }>) =>
  failure("PAYMENT_METHOD_UNAVAILABLE", `${rail} cannot be used here: ${offered.reason}`, {
    details: { payment_method: rail, unavailable_reason: offered.reason },
    recovery: { suggested_commands: offered.commands }
  })

/** An owner pays the providers themselves. */
export const nothingToBuy = failure(
  "PAYMENT_METHOD_UNAVAILABLE",
  "This house is its owner's: it has no limit of credits, and there is nothing to buy",
  { recovery: { suggested_command: "image-skill usage quota --json" } }
)

export const otherRail = (quote: CreditQuote, rail: PaymentRail, key: string) =>
  failure("PAYMENT_METHOD_UNAVAILABLE", `${quote.id} was quoted for ${quote.rail}, and cannot be bought this way`, {
    details: { quote_id: quote.id, payment_method: quote.rail },
    recovery: {
      suggested_command: `${rail.purchaseCommand} --quote-id ${quote.id} --idempotency-key ${key} --json`,
      idempotency_key: key
    }
  })

export const tooLittle = (quote: CreditQuote, cents: number, key: string) =>
  failure(
    "PAYMENT_METHOD_UNAVAILABLE",
    `${quote.rail} takes no payment below ${cents} cents; ${quote.id} is for ${quote.amountCents}`,
    {
      details: { quote_id: quote.id, amount_cents: quote.amountCents, amount_cents_min: cents },
      recovery: {
        suggested_command: `image-skill credits quote --credits ${cents} --payment-method ${quote.rail} --idempotency-key ${key} --json`,
        idempotency_key: key
      }
    }
  )

export const quoteNotFound = (id: string) =>
  failure("CREDIT_QUOTE_NOT_FOUND", `There is no quote ${id}`, {
    recovery: { suggested_command: "image-skill credits packs list --json" }
  })

export const quoteConsumed = (quote: CreditQuote) =>
  failure("CREDIT_QUOTE_CONSUMED", `${quote.id} is bought, or being paid, under another idempotency key`, {
    details: { quote_id: quote.id },
    recovery: { suggested_command: `image-skill credits status --quote-id ${quote.id} --json` }
  })

export const quoteExpired = (quote: CreditQuote, at: string, command: string) =>
  failure("CREDIT_QUOTE_EXPIRED", `${quote.id} expired at ${at}; the same terms can be quoted again`, {
    details: { quote_id: quote.id, expired_at: at },
    recovery: { suggested_command: command }
  })

/** A key makes a purchase safe to repeat: without one there is none. */
export const keyRequired = failure("INVALID_ARGUMENTS", "idempotency_key is missing; a purchase needs one", {
  details: { issues: [{ path: "idempotency_key", message: "idempotency_key is missing; a purchase needs one" }] },
  recovery: { required_flag: "--idempotency-key", fields: ["idempotency_key"] }
})

export const keyConflict = (other: string) =>
  failure("IDEMPOTENCY_CONFLICT", `The idempotency key belongs to the purchase of ${other}`, {
    details: { quote_id: other },
    recovery: { suggested_command: `image-skill credits status --quote-id ${other} --json` }
  })
