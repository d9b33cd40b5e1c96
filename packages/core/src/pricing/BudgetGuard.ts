import { Either } from "effect"
import { type Failure, failure } from "../kernel/Errors.ts"
import { type Credits, ticksOfCredits, type UsdTicks, usdOf, usdOfCredits } from "../kernel/Money.ts"
import type { Estimate } from "./Pricing.ts"

/** What a caller is ready to pay. Both are optional; `acceptUnknownCost` is consent, not a budget. */
export interface Budget {
  readonly perImage: UsdTicks | null
  readonly whole: UsdTicks | null
  readonly acceptUnknownCost: boolean
}

export type BudgetRefusal = Failure<"BUDGET_EXCEEDED" | "BUDGET_REQUIRES_CONFIRMATION">

/**
 * `perImage` is held against the provider's estimate for one image, `whole` against the debit of the operation.
 * Unknown cost needs consent, and then both guards are held against its ceiling.
 */
export const guard = (
  budget: Budget,
  estimate: Estimate,
  debit: Credits,
  modelId: string
): Either.Either<void, BudgetRefusal> => {
  if (estimate.confidence === "unknown" && !budget.acceptUnknownCost) {
    return Either.left(
      failure(
        "BUDGET_REQUIRES_CONFIRMATION",
        `What ${modelId} costs is known only afterwards; at most ${usdOfCredits(debit)} USD are held for it`,
        {
          details: { model_id: modelId, max_debit_usd: usdOfCredits(debit), max_credits: debit },
          recovery: { required_flag: "--accept-unknown-cost" }
        }
      )
    )
  }
  const one = estimate.confidence === "unknown" ? estimate.ceiling : estimate.perImage
  if (budget.perImage !== null && one !== null && one > budget.perImage) {
    return Either.left(
      failure(
        "BUDGET_EXCEEDED",
        `One image of ${modelId} costs ${usdOf(one)} USD at its provider; the budget is ${usdOf(budget.perImage)} USD per image`,
        {
          details: {
            model_id: modelId,
            max_estimated_usd_per_image: usdOf(budget.perImage),
            estimated_usd_per_image: usdOf(one)
          }
        }
      )
    )
  }
  if (budget.whole !== null && ticksOfCredits(debit) > budget.whole) {
    return Either.left(
      failure(
        "BUDGET_EXCEEDED",
        `The operation debits ${usdOfCredits(debit)} USD with ${modelId}; the budget is ${usdOf(budget.whole)} USD`,
        { details: { model_id: modelId, max_usd: usdOf(budget.whole), debit_usd: usdOfCredits(debit) } }
      )
    )
  }
  return Either.right(undefined)
}
