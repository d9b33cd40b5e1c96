import { Effect } from "effect"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import { failure } from "../kernel/Errors.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { creditUnitUsd } from "../kernel/Money.ts"
import { creditBounds, creditPacks, defaultPackId, type QuoteRequest } from "../ledger/CreditTerms.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { PaymentRails } from "../ledger/PaymentRail.ts"
import type { Buyer } from "../ledger/PaymentRecords.ts"
import { type PaymentReference, type PurchaseRequest, Purchases } from "../ledger/Purchases.ts"
import { Quotes } from "../ledger/Quotes.ts"
import { methodAnswer, packAnswer, purchaseAnswer, quoteAnswer, statusAnswer } from "./internal/creditAnswers.ts"

const buyerOf = (actor: Actor): Buyer => ({
  organizationId: organizationOf(actor),
  agentId: actor.ref.actor_id,
  metered: actor.metered,
  isHarness: actor.isHarness
})

/** What callers of the house can ask about credits, and what they are answered. */
export class CreditDesk extends Effect.Service<CreditDesk>()("@image-skill/core/CreditDesk", {
  effect: Effect.gen(function* () {
    const quotes = yield* Quotes
    const purchases = yield* Purchases
    const ledger = yield* Ledger
    const { isUnlimited, rails } = yield* PaymentRails

    const methods = Effect.sync((): JsonObject => {
      const nothing = {
        available: false,
        reason: "this house is its owner's: nothing is bought here",
        commands: []
      } as const
      return {
        contract_version: "image-skill.payment-methods.v1",
        credit_unit_cents: 1,
        currency: "USD",
        quote_endpoint: "/v1/credit-quotes",
        packs_endpoint: "/v1/credit-packs",
        status_endpoint: "/v1/credit-purchases/status",
        methods: rails.map((rail) => methodAnswer(rail, isUnlimited ? nothing : quotes.availability(rail.id, null)))
      }
    })

    const packs = Effect.sync(
      (): JsonObject => ({
        credit_unit_cents: 1,
        credit_unit_usd: creditUnitUsd,
        currency: "USD",
        default_pack_id: defaultPackId,
        packs: creditPacks.map(packAnswer),
        custom_quotes: { supported: true, min_credits: creditBounds.min, max_credits: creditBounds.max }
      })
    )

    const quote = Effect.fn("CreditDesk.quote")(function* (actor: Actor, request: QuoteRequest) {
      const made = yield* quotes.quote(buyerOf(actor), request)
      return yield* quoteAnswer(made, purchases.railOf(made.rail)?.isLive ?? false)
    })

    /** `endpoint`: where the call came in. A quote is bought where its rail is. */
    const buy = Effect.fn("CreditDesk.buy")(function* (actor: Actor, request: PurchaseRequest, endpoint: string) {
      const bought = yield* purchases.buy(buyerOf(actor), request, endpoint)
      return purchaseAnswer(bought, purchases.handoffUrl)
    })

    const limitsOf = (actor: Actor) =>
      Effect.map(ledger.balance(organizationOf(actor)), (balance): JsonObject => {
        const paid = actor.metered ? balance.paid : null
        return {
          credits: {
            available: actor.metered ? balance.free + balance.paid : null,
            unlimited: !actor.metered,
            held: balance.held,
            free_remaining: actor.metered ? balance.free : null,
            paid_remaining: paid,
            owed: balance.owed,
            unit_usd: creditUnitUsd
          }
        }
      })

    const status = Effect.fn("CreditDesk.status")(function* (
      actor: Actor,
      references: ReadonlyArray<PaymentReference>
    ) {
      const [reference, ...more] = references
      if (reference === undefined || more.length > 0) return yield* oneReference
      const found = yield* purchases.find(organizationOf(actor), reference)
      const limits = yield* limitsOf(actor)
      return yield* statusAnswer(found, limits, purchases.handoffUrl)
    })

    return { methods, packs, quote, buy, status } as const
  })
}) {}

const message = "exactly one of quote_id, payment_attempt_id, checkout_session_id and receipt_id is needed"

const oneReference = failure("INVALID_ARGUMENTS", message, {
  details: { issues: [{ path: "quote_id", message }] },
  recovery: { required_flags: ["--quote-id", "--payment-attempt-id", "--checkout-session-id", "--receipt-id"] }
})
