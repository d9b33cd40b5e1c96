import type { RailEvent } from "@image-skill/core/ledger/RailEvents"
import { paymentRailSuite } from "@image-skill/core/testing/paymentRailSuite"
import { Effect, Redacted } from "effect"
import { makeFakeRail } from "../../src/payments/fakeRail.ts"
import { makeStripeRail } from "../../src/payments/stripeRail.ts"
import { type Delivery, startStripe, stripeKey, webhookSecret } from "./stripeEmulator.ts"

paymentRailSuite("fake", Effect.succeed({ rail: makeFakeRail({ isOn: true }), pay: () => Effect.succeed([]) }))

const stripe = Effect.gen(function* () {
  const emulator = yield* Effect.acquireRelease(Effect.promise(startStripe), ({ stop }) => Effect.promise(stop))
  const rail = yield* makeStripeRail({
    stripeSecretKey: Redacted.make(stripeKey),
    stripeWebhookSecret: Redacted.make(webhookSecret),
    stripeBaseUrl: new URL(emulator.url)
  })
  const heard = ({ body, signature }: Delivery): Effect.Effect<ReadonlyArray<RailEvent>> =>
    rail.verifyEvent === undefined
      ? Effect.dieMessage("the rail hears nothing")
      : Effect.map(
          Effect.orDie(rail.verifyEvent(new TextEncoder().encode(body), { "stripe-signature": signature })),
          (one) => (one._tag === "Event" ? [one.event] : [])
        )
  return {
    rail,
    pay: ({ sessionId }: { readonly sessionId: string | null }) => {
      const id = sessionId ?? ""
      const words = [emulator.complete(id, "unpaid"), emulator.arrive(id), emulator.complete(id)]
      return Effect.map(Effect.forEach(words, heard), (all) => all.flat())
    },
    refund: ({ sessionId }: { readonly sessionId: string | null }, amountCents: number) =>
      Effect.map(Effect.forEach(emulator.refund(sessionId ?? "", amountCents), heard), (all) => all.flat())
  }
})

paymentRailSuite("stripe", stripe)
