import type { Phase } from "./Job.ts"

/** What can happen to one attempt. */
export const attemptEvents = [
  /** A run owns the job and is about to call the provider. */
  "claim",
  /** The provider took the work and gave a handle. */
  "accepted",
  /** The whole reply is on the spool. */
  "replied",
  /** The images are stored and their rows written. */
  "delivered",
  /** The provider, or we on reading its answer, refused or failed it: no image. */
  "refused",
  /** The answer is lost and cannot be asked for. */
  "lost",
  /** The provider was paid and the images could not be stored. */
  "storage_failed",
  /** The window to repair that has ended. */
  "window_ended",
  /** Nothing was sent, or the provider confirms that it stopped. */
  "canceled"
] as const
export type AttemptEvent = (typeof attemptEvents)[number]

/**
 * What an event does to the hold: `settle` debits the images that exist and gives back the rest, `release` gives all
 * back, `expose` gives all back and books the worst case on the house.
 */
export type MoneyAction = "keep" | "settle" | "release" | "expose"

export interface Transition {
  readonly to: Phase
  readonly money: MoneyAction
}

const go = (to: Phase, money: MoneyAction): Transition => ({ to, money })

/** Phase × event. What is not in the table cannot happen: the event is late, and changes nothing. */
export const transitions: { readonly [phase in Phase]: { readonly [event in AttemptEvent]?: Transition } } = {
  planned: {
    claim: go("claimed", "keep"),
    canceled: go("canceled", "release"),
    refused: go("refused", "release")
  },
  claimed: {
    // A repeatable call only: it costs nothing and is made again.
    claim: go("claimed", "keep"),
    accepted: go("submitted", "keep"),
    // Written only where the spool failed, or the answer came after others: a reply that lies on the spool is found there.
    replied: go("replied", "keep"),
    delivered: go("delivered", "settle"),
    storage_failed: go("unstored", "keep"),
    refused: go("refused", "release"),
    lost: go("unknown", "expose")
  },
  submitted: {
    replied: go("replied", "keep"),
    refused: go("refused", "release"),
    canceled: go("canceled", "release"),
    lost: go("unknown", "expose")
  },
  replied: {
    // A repeatable call only, whose reply was lost with its process before it could be kept.
    claim: go("claimed", "keep"),
    delivered: go("delivered", "settle"),
    refused: go("refused", "release"),
    storage_failed: go("unstored", "keep"),
    lost: go("unknown", "expose")
  },
  unstored: {
    // As above.
    claim: go("claimed", "keep"),
    delivered: go("delivered", "settle"),
    refused: go("refused", "release"),
    lost: go("unknown", "expose"),
    // Where its reply is has changed: from memory only to the spool.
    storage_failed: go("unstored", "keep"),
    window_ended: go("abandoned", "release")
  },
  delivered: {},
  refused: {},
  canceled: {},
  unknown: {},
  abandoned: {}
}

export const isOpen = (phase: Phase): boolean => Object.keys(transitions[phase]).length > 0

export const transition = (phase: Phase, event: AttemptEvent): Transition | undefined => transitions[phase][event]
