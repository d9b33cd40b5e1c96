import { Context, Layer } from "effect"
import type { BudgetsPort } from "./BudgetRecords.ts"
import { makeMemoryBudgets } from "./internal/memoryBudgets.ts"

/** Limits on provider cost, and the counters behind them. */
export class Budgets extends Context.Tag("@image-skill/core/Budgets")<Budgets, BudgetsPort>() {
  static readonly layerMemory = Layer.effect(this, makeMemoryBudgets)
}
