import { Clock, Effect, Option } from "effect"
import { fail } from "../kernel/Errors.ts"
import { Ids } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"
import { Transaction } from "../kernel/Transaction.ts"
import { type CreditTerms, type QuoteRequest, quoteCommand, sameTerms, termsOf } from "./CreditTerms.ts"
import { unavailable } from "./internal/offers.ts"
import { type Availability, PaymentRails } from "./PaymentRail.ts"
import type { Buyer, CreditQuote } from "./PaymentRecords.ts"
import { PaymentStore } from "./PaymentStore.ts"

/** Terms that can be bought for half an hour. A quote moves no money and grants nothing. */
export class Quotes extends Effect.Service<Quotes>()("@image-skill/core/Quotes", {
  effect: Effect.gen(function* () {
    const store = yield* PaymentStore
    const { rails } = yield* PaymentRails
    const transaction = yield* Transaction
    const ids = yield* Ids

    /** A key that nobody has used. */
    const freshKey = Effect.map(ids.quote, (id) => id.replace("_", "-"))

    const hasLiveRail = rails.some((rail) => rail.isLive && rail.isConfigured)

    const availability = (rail: string, buyer: Buyer | null): Availability =>
      rails.find(({ id }) => id === rail)?.availability({ buyer, hasLiveRail }) ?? {
        available: false,
        reason: `this house does not know ${rail}`,
        commands: ["image-skill credits methods --json"]
      }

    const replay = Effect.fnUntraced(function* (known: CreditQuote, terms: CreditTerms) {
      if (sameTerms(known, terms)) return known
      const key = yield* freshKey
      return yield* fail(
        "CREDIT_QUOTE_CONFLICT",
        `The idempotency key belongs to ${known.id}, a quote of ${known.credits} credits by ${known.rail}; the attempted terms need another`,
        {
          details: { quote_id: known.id },
          recovery: { suggested_command: quoteCommand(terms, key), idempotency_key: key }
        }
      )
    })

    /** The same key for the same terms is the same quote. */
    const quote = Effect.fn("Quotes.quote")(function* (buyer: Buyer, request: QuoteRequest) {
      const terms = yield* termsOf(
        request,
        rails.map(({ id }) => id)
      )
      const key = request.idempotencyKey ?? (yield* freshKey)
      const found = store.quoteByKey(buyer.organizationId, buyer.agentId, key)
      return yield* transaction.run(
        Effect.gen(function* () {
          const known = yield* found
          if (Option.isSome(known)) return yield* replay(known.value, terms)
          const offered = availability(terms.rail, buyer)
          if (!offered.available) return yield* unavailable(terms.rail, offered)
          const now = yield* Clock.currentTimeMillis
          const made: CreditQuote = {
            ...terms,
            id: yield* ids.quote,
            organizationId: buyer.organizationId,
            agentId: buyer.agentId,
            amountCents: terms.credits,
            currency: "USD",
            idempotencyKey: key,
            createdAt: now,
            expiresAt: now + limits.quoteMillis,
            isConsumed: false
          }
          if (yield* store.addQuote(made)) return made
          // Another call with this key came first.
          return yield* Effect.flatMap(Effect.flatten(found), (first) => replay(first, terms)).pipe(
            Effect.catchTag("NoSuchElementException", () => Effect.dieMessage(`the quote of key ${key} is gone`))
          )
        })
      )
    })

    return { quote, availability, freshKey } as const
  })
}) {}
