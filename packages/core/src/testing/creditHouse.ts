import { Effect, Layer } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { layerAgentPayers } from "../identity/AgentPayers.ts"
import { AgentId, OrganizationId } from "../kernel/Ids.ts"
import { accounts, auditIssues } from "../ledger/Ledger.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"
import { layerLedger } from "../ledger/OwedNotes.ts"
import { type PaymentRail, PaymentRails } from "../ledger/PaymentRail.ts"
import type { Buyer } from "../ledger/PaymentRecords.ts"
import { PaymentSweep } from "../ledger/PaymentSweep.ts"
import { Purchases } from "../ledger/Purchases.ts"
import { Quotes } from "../ledger/Quotes.ts"
import { Settlement } from "../ledger/Settlement.ts"

/** Everything about credits, on stores and ids that are given. */
export const layerCreditHouse = (rails: ReadonlyArray<PaymentRail>) =>
  PaymentSweep.Default.pipe(
    Layer.provideMerge(Purchases.Default),
    Layer.provideMerge(Layer.mergeAll(Quotes.Default, Settlement.Default)),
    Layer.provideMerge(layerLedger),
    Layer.provide(layerAgentPayers),
    Layer.provide(PaymentRails.layer({ rails, publicUrl: "https://house.test" }))
  )

export const buyer: Buyer = {
  organizationId: OrganizationId.make("org_buyer"),
  agentId: AgentId.make("agt_buyer"),
  metered: true,
  isHarness: false
}

/** Quotes and buys on a rail: the attempt, however far it got. */
export const bought = (credits: number, key: string, rail = "paper", who: Buyer = buyer) =>
  Effect.gen(function* () {
    const quotes = yield* Quotes
    const purchases = yield* Purchases
    const quote = yield* quotes.quote(who, {
      credits,
      packId: null,
      paymentMethod: rail,
      idempotencyKey: `quote-${key}`
    })
    const endpoint = purchases.railOf(rail)?.purchaseEndpoint ?? ""
    const { attempt } = yield* purchases.buy(who, { quoteId: quote.id, idempotencyKey: key, provider: null }, endpoint)
    return attempt ?? (yield* Effect.dieMessage("a purchase without an attempt"))
  })

/** Credits that purchases have brought and that no reversal has taken or is to take: by the books, money in less money out. */
export const netPurchased = Effect.gen(function* () {
  const { balances } = yield* (yield* LedgerStore).all
  const owed = [...balances].reduce((sum, [account, amount]) => sum + (/^org:.*:owed$/.test(account) ? amount : 0), 0)
  return -(balances.get(accounts.clearing) ?? 0) - owed
})

/** What is wrong with the books; empty when they are right. */
export const bookIssues = Effect.gen(function* () {
  const { balances, transactions } = yield* (yield* LedgerStore).all
  return auditIssues(transactions, balances)
})

/** Types and states of the organization's events, oldest first. */
export const eventWords = (who: Buyer = buyer) =>
  Effect.gen(function* () {
    const page = yield* (yield* ActivityLog).list(who.organizationId, { limit: 200, cursor: null, subject: null })
    return page.items.map(({ status, type }) => `${type.replace(/^credits\.payment_backed_/, "")} ${status}`).reverse()
  })
