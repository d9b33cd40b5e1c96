import type { AttemptState } from "./PaymentRecords.ts"

/** What can happen to one try to pay. */
export const paymentEvents = ["opened", "pending", "paid", "failed", "expired"] as const
export type PaymentEvent = (typeof paymentEvents)[number]

/**
 * State × event. What is not in the table changes nothing: it is late. Money that arrives counts in every state, since
 * a rail's last word may overtake the one before.
 */
export const paymentTransitions: {
  readonly [state in AttemptState]: { readonly [event in PaymentEvent]?: AttemptState }
} = {
  created: {
    opened: "requires_action",
    pending: "processing",
    paid: "succeeded",
    failed: "failed",
    expired: "expired"
  },
  requires_action: { pending: "processing", paid: "succeeded", failed: "failed", expired: "expired" },
  processing: { paid: "succeeded", failed: "failed" },
  succeeded: {},
  failed: { paid: "succeeded" },
  expired: { pending: "processing", paid: "succeeded", failed: "failed" }
}

/** Nothing more is expected of it. A late payment would still count. */
export const isEnded = (state: AttemptState): boolean =>
  state === "succeeded" || state === "failed" || state === "expired"
