import { Clock, Effect } from "effect"
import type { Attempt } from "../../jobs/Job.ts"
import { shareUp, UsdTicks, zeroTicks } from "../../kernel/Money.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import type { Run, Services } from "./run.ts"

/** What the images that were delivered cost: the provider's bill, which covers the others too, or their estimate. */
const costOfDelivered = ({ actualCost, assetIds, estimatedCost, outputs, worstCost }: Attempt): UsdTicks | null =>
  actualCost === null ? shareUp(estimatedCost ?? worstCost, assetIds.length, Math.max(1, outputs)) : null

/** What an attempt that has ended costs the house, as far as it can be known. `exposed`: what the customer does not pay. */
const costOf = (attempt: Attempt, exposed: UsdTicks): UsdTicks => {
  if (attempt.phase !== "delivered") return exposed
  const own = costOfDelivered(attempt)
  return own === null ? (attempt.actualCost ?? zeroTicks) : UsdTicks.make(own + exposed)
}

/**
 * Counts an attempt that has ended: what was reserved for it in the budgets becomes what it cost, and an unknown outcome
 * is put on the list of what is to be asked. Joins the transaction of the step.
 */
export const makeCounting = ({ budgets, unknowns }: Pick<Services, "budgets" | "unknowns">) =>
  Effect.fnUntraced(function* (
    { job }: Run,
    attempt: Attempt,
    exposed: UsdTicks
  ): Effect.fn.Return<void, StorageUnavailable> {
    const { modelId, organizationId, providerId } = job
    if (modelId === null || providerId === null) return
    const cost = costOf(attempt, exposed)
    const credits = attempt.settled ?? 0
    // What costs nothing is no spend: a drawing of our own leaves no counter behind.
    if (attempt.worstCost > 0 || cost > 0 || credits > 0) {
      const images = attempt.phase === "delivered" ? attempt.assetIds.length : 0
      const use = { organizationId, modelId, acceptedAt: job.createdAt }
      yield* budgets.settle(use, attempt.worstCost, { cost, credits, images })
    }
    if (attempt.phase !== "unknown") return
    yield* unknowns.add({
      ...{ attemptId: attempt.id, jobId: job.id, organizationId, providerId, modelId },
      ...{ handle: attempt.handle, worstCost: attempt.worstCost, acceptedAt: job.createdAt },
      claimedAt: attempt.claimedAt,
      lostAt: yield* Clock.currentTimeMillis,
      resolution: null
    })
  })
