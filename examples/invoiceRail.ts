import type { PaymentRail } from "@image-skill/core/ledger/PaymentRail"
import type { RailEvent } from "@image-skill/core/ledger/RailEvents"
import { Effect } from "effect"

const daysToPay = 30

/** An invoice for each purchase, paid by bank transfer; the operator says when the money is there. */
export const makeInvoiceRail = () => {
  const due = new Map<string, { readonly attemptId: string; readonly amountCents: number }>()
  const approved = new Map<string, RailEvent>()

  const rail: PaymentRail = {
    id: "invoice",
    provider: "invoice",
    isLive: true,
    isConfigured: true,
    buyerModes: ["hybrid", "human_only"],
    requiresBrowser: false,
    purchaseEndpoint: "/v1/credit-purchases",
    purchaseCommand: "image-skill credits buy --provider invoice",
    defaultPackId: "studio-5000",
    amountCentsMin: 1,
    secrets: [],
    availability: () => ({ available: true }),
    // The attempt's id names the invoice: asked again, it is the same invoice.
    createAttempt: (_quote, attempt) =>
      Effect.sync(() => {
        const invoice = attempt.id.replace("payatt", "invoice")
        due.set(invoice, { attemptId: attempt.id, amountCents: attempt.amountCents })
        const expiresAt = attempt.createdAt + daysToPay * 24 * 60 * 60 * 1000
        return { _tag: "ActionRequired", sessionId: invoice, url: null, expiresAt }
      }),
    // The sweep asks as well: an approval whose event was lost is found.
    status: (attempt) => Effect.succeed(approved.get(attempt.sessionId ?? "") ?? null)
  }

  /** The money is on the bank account: the word for `Settlement.apply`. Undefined when there is no such invoice. */
  const approve = (invoice: string, at: number): RailEvent | undefined => {
    const found = due.get(invoice)
    if (found === undefined) return undefined
    const event: RailEvent = {
      kind: "paid",
      eventId: `approved:${invoice}`,
      attemptId: found.attemptId,
      sessionId: invoice,
      paymentId: `transfer:${invoice}`,
      amountCents: found.amountCents,
      currency: "USD",
      at
    }
    approved.set(invoice, event)
    return event
  }

  return { rail, approve }
}
