// A way to pay of your own: one file says how it collects, and quotes, receipts, refunds and the books come with it.
// For a server it is named in `serveHouse({ rails: [rail] })`; `paymentRailSuite` says whether it keeps its promises.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AgentId, Ids, OrganizationId } from "@image-skill/core/kernel/Ids"
import { Ledger } from "@image-skill/core/ledger/Ledger"
import { layerLedger } from "@image-skill/core/ledger/OwedNotes"
import { PaymentRails } from "@image-skill/core/ledger/PaymentRail"
import { Purchases } from "@image-skill/core/ledger/Purchases"
import { Quotes } from "@image-skill/core/ledger/Quotes"
import { Settlement } from "@image-skill/core/ledger/Settlement"
import { layerPayments } from "@image-skill/server/payments/Payments"
import { layerStorage } from "@image-skill/server/Storage"
import { Effect, Layer } from "effect"
import { makeInvoiceRail } from "./invoiceRail.ts"

const { approve, rail } = makeInvoiceRail()
const folder = mkdtempSync(join(tmpdir(), "image-skill-"))
const house = layerPayments.pipe(
  Layer.provideMerge(layerLedger),
  Layer.provideMerge(layerStorage(folder)),
  Layer.provideMerge(PaymentRails.layer({ rails: [rail], publicUrl: "https://images.example.com" })),
  Layer.provideMerge(Ids.layer)
)

const buyer = {
  organizationId: OrganizationId.make("org_studio"),
  agentId: AgentId.make("agt_studio"),
  metered: true,
  isHarness: false
}

const story = Effect.gen(function* () {
  const terms = { credits: null, packId: "studio-5000", paymentMethod: "invoice", idempotencyKey: null }
  const quote = yield* (yield* Quotes).quote(buyer, terms)
  console.log(`quoted: ${quote.credits} credits for ${quote.amountCents} cents`)

  const purchase = { quoteId: quote.id, idempotencyKey: "april", provider: "invoice" }
  const { attempt } = yield* (yield* Purchases).buy(buyer, purchase, rail.purchaseEndpoint)
  const paid = Effect.map((yield* Ledger).balance(buyer.organizationId), (balance) => balance.paid)
  console.log(`${attempt?.state}: ${yield* paid} credits until the invoice is approved`)

  // The bank statement is read twice, and the credits are granted once.
  const word = approve(attempt?.sessionId ?? "", Date.now())
  if (word === undefined) return yield* Effect.dieMessage("there is no invoice")
  const settlement = yield* Settlement
  const outcomes = yield* Effect.forEach([word, word], (one) => settlement.apply(rail.id, one))
  console.log(`${outcomes.map(({ outcome }) => outcome).join(", ")}: ${yield* paid} credits`)
})

await Effect.runPromise(story.pipe(Effect.provide(house), Effect.scoped))
rmSync(folder, { recursive: true })

// prints:
// quoted: 5000 credits for 5000 cents
// requires_action: 0 credits until the invoice is approved
// applied, replayed: 5000 credits
