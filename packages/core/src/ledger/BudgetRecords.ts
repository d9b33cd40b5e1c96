import type { Effect, Option } from "effect"
import type { ModelId, OrganizationId } from "../kernel/Ids.ts"
import type { Credits, UsdTicks } from "../kernel/Money.ts"
import type { Page, PageQuery } from "../kernel/Page.ts"
import { isoOf } from "../kernel/Time.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"

export const budgetPeriods = ["day", "month"] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]

/** Where a budget applies: an organization's UTC day or month, of all models or of one. */
export interface BudgetScope {
  readonly organizationId: OrganizationId
  readonly period: BudgetPeriod
  /** Null: all models together. */
  readonly modelId: ModelId | null
}

/** What an organization may cost the house at its providers. */
export interface Budget extends BudgetScope {
  readonly limit: UsdTicks
}

/** A call at a provider, as budgets see it: counted on the day and in the month in which its job was accepted. */
export interface Use {
  readonly organizationId: OrganizationId
  readonly modelId: ModelId
  /** Epoch milliseconds at which the job was accepted. */
  readonly acceptedAt: number
}

/** What calls came to. Negative where a count is corrected. */
export interface Spent {
  readonly cost: number
  readonly credits: number
  readonly images: number
}

/** A budget that has no room, and what was counted against it when it was asked. */
export interface Overrun {
  readonly budget: Budget
  readonly used: UsdTicks
}

/** The counters of one period: `2026-11-22` or `2026-11`. */
export interface Spend {
  readonly period: string
  /** Null: all models together. */
  readonly modelId: ModelId | null
  /** The worst case of calls that have not ended. */
  readonly reserved: UsdTicks
  readonly cost: UsdTicks
  readonly credits: Credits
  readonly images: number
}

export interface SpendQuery {
  /** Null: of the whole house, whose counters know what has ended and no reservations. */
  readonly organizationId: OrganizationId | null
  /** UTC days, `2026-11-22`, both included. */
  readonly from: string
  readonly to: string
  /** One row for each day and model, or one for each day. */
  readonly byModel: boolean
}

export const dayOf = (millis: number): string => isoOf(millis).slice(0, 10)
export const monthOf = (millis: number): string => isoOf(millis).slice(0, 7)

/** Of a counter: days, and not months. */
export const isDay = (period: string): boolean => period.length === 10

export interface CounterKey {
  readonly organization: string
  readonly period: string
  /** Empty: all models together. */
  readonly model: string
}

/** The counters that a use moves, always in this order, so that two of them never wait for each other. */
export const countersOf = ({ acceptedAt, modelId, organizationId }: Use): ReadonlyArray<CounterKey> =>
  [monthOf(acceptedAt), dayOf(acceptedAt)].flatMap((period) =>
    ["", modelId].map((model) => ({ organization: organizationId, period, model }))
  )

/** The counter that a budget is held against at a moment. */
export const counterOf = ({ modelId, organizationId, period }: BudgetScope, at: number): CounterKey => ({
  organization: organizationId,
  period: period === "day" ? dayOf(at) : monthOf(at),
  model: modelId ?? ""
})

/** The house's own counters stand under a name that no organization has. */
export const houseCounters = "house"

export const houseCountersOf = (use: Use): ReadonlyArray<CounterKey> =>
  ["", use.modelId].map((model) => ({ organization: houseCounters, period: dayOf(use.acceptedAt), model }))

/** Writes join the open transaction. */
export interface BudgetsPort {
  /**
   * Counts the worst cost of a job against every budget that it falls under. Gives the budget that has no room for
   * it, and then nothing is counted. Exact under parallel calls: the counters stay locked until the transaction ends.
   */
  readonly reserve: (use: Use, worst: UsdTicks) => Effect.Effect<Option.Option<Overrun>, StorageUnavailable>
  /** The budget that would have no room for it now. Counts nothing. */
  readonly overrunOf: (use: Use, worst: UsdTicks) => Effect.Effect<Option.Option<Overrun>, StorageUnavailable>
  /** Takes a reservation back and counts what was really spent. */
  readonly settle: (use: Use, reserved: UsdTicks, spent: Spent) => Effect.Effect<void, StorageUnavailable>
  /** Sets the budget of its scope, or replaces it. */
  readonly set: (budget: Budget) => Effect.Effect<void, StorageUnavailable>
  /** False when there was none. */
  readonly remove: (scope: BudgetScope) => Effect.Effect<boolean, StorageUnavailable>
  /** The newest first. Null: of every organization. */
  readonly list: (
    organization: OrganizationId | null,
    query: PageQuery
  ) => Effect.Effect<Page<Budget>, StorageUnavailable>
  /** Counted against the budgets of a scope in the period of `at` (epoch milliseconds): spent and reserved. */
  readonly used: (scope: BudgetScope, at: number) => Effect.Effect<UsdTicks, StorageUnavailable>
  /** In the order of days, then of models. Bounded by days and models, however many calls there were. */
  readonly spend: (query: SpendQuery) => Effect.Effect<ReadonlyArray<Spend>, StorageUnavailable>
  /** Every reservation that is open, by organization: what an audit compares with the calls that are. */
  readonly reservations: Effect.Effect<ReadonlyMap<OrganizationId, number>, StorageUnavailable>
}
