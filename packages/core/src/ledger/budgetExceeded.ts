import { failure } from "../kernel/Errors.ts"
import { UsdTicks, usdOf } from "../kernel/Money.ts"
import type { Overrun } from "./BudgetRecords.ts"

/** The operator's budget has no room. What an organization may see of it is its own. `needed`: the worst case. */
export const budgetExceeded = ({ budget, used }: Overrun, needed: UsdTicks, dayEndsAt: string) => {
  const { limit, modelId, period } = budget
  const left = usdOf(UsdTicks.make(Math.max(0, limit - used)))
  const what = `The ${period}'s budget${modelId === null ? "" : ` for ${modelId}`}`
  return failure(
    "BUDGET_EXCEEDED",
    `${what} is $${usdOf(limit)}, of which $${left} are left; the operation may cost $${usdOf(needed)}`,
    {
      details: {
        scope: modelId === null ? period : `${period}_of_model`,
        ...(modelId === null ? {} : { model_id: modelId }),
        limit_usd: usdOf(limit),
        used_usd: usdOf(used),
        needed_usd: usdOf(needed),
        ...(period === "day" ? { resets_at: dayEndsAt } : {})
      },
      recovery: { suggested_command: "image-skill models list --available --sort price --json" }
    }
  )
}
