import { purchaseEndpoints } from "@image-skill/core/api/CreditsApi"
import type { PaymentRail } from "@image-skill/core/ledger/PaymentRail"
import { Clock, Effect } from "effect"

/** Play money, paid the moment it is asked for. `isOn`: the house is on loopback, or its operator wants it. */
export const makeFakeRail = (options: { readonly isOn: boolean }): PaymentRail => ({
  id: "fake",
  provider: "fake",
  isLive: false,
  isConfigured: options.isOn,
  buyerModes: ["agent_only", "hybrid", "human_only"],
  requiresBrowser: false,
  purchaseEndpoint: purchaseEndpoints.direct,
  purchaseCommand: "image-skill credits fake-purchase",
  defaultPackId: null,
  amountCentsMin: 1,
  secrets: [],
  availability: ({ buyer, hasLiveRail }) => {
    if (!options.isOn) {
      return {
        available: false,
        reason: "play money is switched off here",
        commands: ["image-skill credits methods --json"]
      }
    }
    return hasLiveRail && buyer?.isHarness !== true
      ? {
          available: false,
          reason: "real money can be paid here, so play money is for harness agents only",
          commands: ["image-skill credits quote --pack starter-500 --payment-method stripe_checkout --json"]
        }
      : { available: true }
  },
  createAttempt: (_quote, attempt) =>
    Effect.map(Clock.currentTimeMillis, (at) => ({
      _tag: "Settled",
      event: {
        kind: "paid",
        eventId: `fake:${attempt.id}`,
        attemptId: attempt.id,
        sessionId: null,
        paymentId: `fake:${attempt.id}`,
        amountCents: attempt.amountCents,
        currency: "USD",
        at
      }
    }))
})
