import { Context, Effect } from "effect"

/** The durable steps of a job, in order: between any two of them the process may die. */
export const steps = [
  "planned",
  "accepted",
  "leased",
  "claimed",
  "submitted",
  "collected",
  "spooled",
  "replied",
  "stored",
  "settled",
  "unspooled",
  "ended"
] as const

/**
 * Two are of no run. `deleted`: an asset's row says that it is deleted, and its bytes are still there. `received`: the
 * bytes of an upload are there, and no row names them.
 */
export type Step = (typeof steps)[number] | "deleted" | "received"

/** Called after each step. Does nothing unless a test or the crash harness puts something there. */
export class Checkpoint extends Context.Reference<Checkpoint>()("@image-skill/core/Checkpoint", {
  defaultValue: () => ({ at: (_step: Step): Effect.Effect<void> => Effect.void })
}) {}

export const passed = (step: Step): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => Context.get(fiber.currentContext, Checkpoint).at(step))
