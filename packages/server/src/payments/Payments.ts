import { layerAgentPayers } from "@image-skill/core/identity/AgentPayers"
import { Reach } from "@image-skill/core/identity/Reach"
import { type PaymentRail, PaymentRails } from "@image-skill/core/ledger/PaymentRail"
import { PaymentSweep } from "@image-skill/core/ledger/PaymentSweep"
import { Purchases } from "@image-skill/core/ledger/Purchases"
import { Quotes } from "@image-skill/core/ledger/Quotes"
import { Settlement } from "@image-skill/core/ledger/Settlement"
import { CreditDesk } from "@image-skill/core/studio/CreditDesk"
import { Effect, Layer, Schedule } from "effect"
import { makeFakeRail } from "./fakeRail.ts"
import { PaymentsConfig } from "./PaymentsConfig.ts"
import { makeStripeRail } from "./stripeRail.ts"

/** The rails of a server, by its settings; `rails` are those of the operator's own. */
export const layerRails = (options: { readonly publicUrl: string; readonly rails?: ReadonlyArray<PaymentRail> }) =>
  Layer.effect(
    PaymentRails,
    Effect.gen(function* () {
      const config = yield* PaymentsConfig
      const { isLoopback } = yield* Reach
      const fake = makeFakeRail({ isOn: config.fakePayments === null ? isLoopback : config.fakePayments === "on" })
      const stripe = yield* makeStripeRail(config)
      return { rails: [fake, stripe, ...(options.rails ?? [])], publicUrl: options.publicUrl, isUnlimited: false }
    })
  )

/** The house of one owner: methods are listed, and nothing is bought. */
export const layerUnlimitedRails = Layer.effect(
  PaymentRails,
  Effect.map(
    makeStripeRail({
      stripeSecretKey: null,
      stripeWebhookSecret: null,
      stripeBaseUrl: new URL("https://api.stripe.com")
    }),
    (stripe) => ({
      rails: [makeFakeRail({ isOn: true }), stripe],
      publicUrl: "http://image-skill.localhost",
      isUnlimited: true
    })
  )
)

/** Everything about credits, over the rails and the stores. */
export const layerPayments = Layer.mergeAll(CreditDesk.Default, PaymentSweep.Default).pipe(
  Layer.provideMerge(Purchases.Default),
  Layer.provideMerge(Layer.mergeAll(Quotes.Default, Settlement.Default)),
  Layer.provide(layerAgentPayers)
)

const sweepEvery = "1 minute"

/** Asks after payments whose word never came, as long as the server runs. */
export const layerPaymentSweep = Layer.scopedDiscard(
  Effect.flatMap(PaymentSweep, ({ sweep }) =>
    sweep.pipe(
      Effect.catchAll((error) => Effect.logWarning(`payments could not be looked at: ${error.message}`)),
      Effect.catchAllDefect((defect) => Effect.logError("looking at payments broke", defect)),
      Effect.repeat(Schedule.spaced(sweepEvery)),
      Effect.forkScoped
    )
  )
)
