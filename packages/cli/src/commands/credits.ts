import { command, integer, required, text, withDefault } from "../Flags.ts"
import { idempotencyKey } from "./request.ts"

const purchaseKey = required(
  text({
    name: "idempotency-key",
    valueName: "KEY",
    help: "Names this purchase: the same key again buys nothing twice"
  })
)

const quoteToBuy = required(
  text({ name: "quote-id", valueName: "QUOTE_ID", help: "As in the answer of credits quote" })
)

export const quoteFlags = {
  credits: integer({
    name: "credits",
    valueName: "N",
    min: 1,
    max: 1_000_000,
    help: "How many credits; one is worth $0.01"
  }),
  pack: text({ name: "pack", valueName: "PACK_ID", help: "A pack instead of a number (see credits packs list)" }),
  paymentMethod: text({
    name: "payment-method",
    valueName: "METHOD",
    help: "How it is to be paid: fake (the default, no money moves) or stripe_checkout (see credits methods)"
  }),
  idempotencyKey
}

export const purchaseFlags = { quoteId: quoteToBuy, idempotencyKey: purchaseKey }

export const buyProvider = withDefault(
  text({ name: "provider", valueName: "ID", help: "Who takes the money, as the operator of the server has set it up" }),
  "stripe"
)

export const statusFlags = {
  quoteId: text({ name: "quote-id", valueName: "ID", help: "The purchase of this quote" }),
  attempt: text({ name: "payment-attempt-id", valueName: "ID", help: "This payment attempt" }),
  session: text({ name: "checkout-session-id", valueName: "ID", help: "The purchase of this checkout session" }),
  receipt: text({ name: "receipt-id", valueName: "ID", help: "The purchase of this receipt" })
}

export const creditsMethods = command({
  name: "credits methods",
  summary: "List the ways to pay for credits, and which work here",
  examples: ["image-skill credits methods --json"]
})

export const creditsPacks = command({
  name: "credits packs list",
  aliases: ["credits packs"],
  summary: "List the packs of credits",
  examples: ["image-skill credits packs list --json"]
})

export const creditsQuote = command({
  name: "credits quote",
  summary: "Ask what credits cost; grants none and takes no money",
  flags: Object.values(quoteFlags),
  needs: [[quoteFlags.credits, quoteFlags.pack]],
  examples: [
    "image-skill credits quote --credits 10 --json",
    "image-skill credits quote --pack starter-500 --payment-method stripe_checkout --idempotency-key quote-run-001 --json"
  ]
})

export const creditsBuy = command({
  name: "credits buy",
  summary: "Begin to pay a quote: answers with the page where a person pays",
  description:
    "Never give card data here. Credits are granted when the payment is verified; credits status tells. One quote is one purchase.",
  flags: [buyProvider, ...Object.values(purchaseFlags)],
  examples: [
    "image-skill credits buy --provider stripe --quote-id quote_0123456789abcdef --idempotency-key buy-run-001 --json"
  ]
})

export const creditsStatus = command({
  name: "credits status",
  summary: "Show what became of a quote or a purchase",
  description: "Give exactly one of the ids.",
  flags: Object.values(statusFlags),
  needs: [Object.values(statusFlags)],
  examples: ["image-skill credits status --payment-attempt-id payatt_0123456789abcdef --json"]
})

export const creditsFakePurchase = command({
  name: "credits fake-purchase",
  summary: "Pay a quote of the fake rail with play money, for harnesses",
  flags: Object.values(purchaseFlags),
  examples: [
    "image-skill credits fake-purchase --quote-id quote_0123456789abcdef --idempotency-key purchase-run-001 --json"
  ]
})
