import { Effect, Layer, Option } from "effect"
import type { ActivityLog } from "../activity/ActivityLog.ts"
import type { Ids } from "../kernel/Ids.ts"
import { collectedNote } from "./internal/creditEvents.ts"
import { makeNoting } from "./internal/noting.ts"
import { type Collection, Ledger, OnCollected } from "./Ledger.ts"
import type { LedgerStore } from "./LedgerStore.ts"
import { PaymentStore } from "./PaymentStore.ts"
import { pendingCents } from "./Reversals.ts"

const layerNotes = Layer.effect(
  OnCollected,
  Effect.gen(function* () {
    const store = yield* PaymentStore
    const note = yield* makeNoting
    return Effect.fn("OwedNotes.collected")(function* ({ organizationId, owedAfter, owedBefore }: Collection) {
      const reversals = yield* store.reversalsOfOrganization(organizationId)
      const [before, after] = [pendingCents(reversals, owedBefore), pendingCents(reversals, owedAfter)]
      for (const one of reversals.toReversed()) {
        const taken = (before.get(one.id) ?? 0) - (after.get(one.id) ?? 0)
        if (taken === 0) continue
        const attempt = yield* store.attempt(one.attemptId)
        const receipt = yield* store.receiptOf(one.attemptId)
        if (Option.isSome(attempt) && Option.isSome(receipt))
          yield* note(attempt.value, [collectedNote(receipt.value, one, taken, after.get(one.id) ?? 0)])
      }
    })
  })
)

/** The ledger of a house that sells credits: what it collects later of a reversal is on the organization's activity. */
export const layerLedger: Layer.Layer<Ledger, never, LedgerStore | PaymentStore | ActivityLog | Ids> = Layer.provide(
  Ledger.Default,
  layerNotes
)
