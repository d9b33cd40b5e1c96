import { Effect, Option, Ref } from "effect"
import { ModelId, OrganizationId } from "../../kernel/Ids.ts"
import { Credits, UsdTicks } from "../../kernel/Money.ts"
import { pageOf } from "../../kernel/Page.ts"
import { MemoryTables } from "../../kernel/Transaction.ts"
import {
  type Budget,
  type BudgetScope,
  type BudgetsPort,
  type CounterKey,
  counterOf,
  countersOf,
  houseCounters,
  houseCountersOf,
  isDay,
  type Overrun,
  type Spend,
  type Spent,
  type Use
} from "../BudgetRecords.ts"

interface Counter extends CounterKey, Spent {
  readonly reserved: number
}

const nameOf = ({ model, organization, period }: CounterKey) => `${organization} ${period} ${model}`
const scopeName = ({ modelId, organizationId, period }: BudgetScope) => `${organizationId} ${period} ${modelId ?? ""}`

const moved = (
  all: ReadonlyMap<string, Counter>,
  keys: ReadonlyArray<CounterKey>,
  released: number,
  { cost, credits, images }: Spent
) => {
  const next = new Map(all)
  for (const key of keys) {
    // The house's own counters know no reservations.
    const reserved = key.organization === houseCounters ? 0 : -released
    const old = next.get(nameOf(key)) ?? { reserved: 0, cost: 0, credits: 0, images: 0 }
    next.set(nameOf(key), {
      ...key,
      reserved: old.reserved + reserved,
      cost: old.cost + cost,
      credits: old.credits + credits,
      images: old.images + images
    })
  }
  return next
}

const spendOf = ({ cost, credits, images, model, period, reserved }: Counter): Spend => ({
  period,
  modelId: model === "" ? null : ModelId.make(model),
  reserved: UsdTicks.make(reserved),
  cost: UsdTicks.make(cost),
  credits: Credits.make(credits),
  images
})

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export const makeMemoryBudgets: Effect.Effect<BudgetsPort, never, MemoryTables> = Effect.gen(function* () {
  const tables = yield* MemoryTables
  const counters = yield* tables.table<ReadonlyMap<string, Counter>>(new Map())
  const rows = yield* tables.table<ReadonlyMap<string, Budget & { readonly sequence: number }>>(new Map())

  const used = (scope: BudgetScope, at: number) =>
    Effect.map(Ref.get(counters), (all) => {
      const counter = all.get(nameOf(counterOf(scope, at)))
      return UsdTicks.make((counter?.reserved ?? 0) + (counter?.cost ?? 0))
    })

  const overrunOf = (use: Use, worst: UsdTicks) =>
    Effect.gen(function* () {
      for (const { sequence: _, ...budget } of (yield* Ref.get(rows)).values()) {
        const isOfUse = budget.organizationId === use.organizationId && [null, use.modelId].includes(budget.modelId)
        const before = isOfUse ? yield* used(budget, use.acceptedAt) : UsdTicks.make(0)
        if (isOfUse && before + worst > budget.limit) return Option.some<Overrun>({ budget, used: before })
      }
      return Option.none<Overrun>()
    })

  return {
    reserve: (use, worst) =>
      tables.transact(
        Effect.tap(overrunOf(use, worst), (overrun) =>
          Option.isSome(overrun)
            ? Effect.void
            : Ref.update(counters, (all) => moved(all, countersOf(use), -worst, { cost: 0, credits: 0, images: 0 }))
        )
      ),
    overrunOf,
    settle: (use, reserved, spent) =>
      tables.transact(
        Ref.update(counters, (all) => moved(all, [...countersOf(use), ...houseCountersOf(use)], reserved, spent))
      ),
    set: (budget) =>
      tables.transact(
        Ref.update(rows, (all) => {
          const last = Math.max(0, ...[...all.values()].map(({ sequence }) => sequence))
          const sequence = all.get(scopeName(budget))?.sequence ?? last + 1
          return new Map(all).set(scopeName(budget), { ...budget, sequence })
        })
      ),
    remove: (scope) =>
      tables.transact(
        Ref.modify(rows, (all) => {
          const next = new Map(all)
          return [next.delete(scopeName(scope)), next]
        })
      ),
    list: (organization, query) =>
      Effect.map(Ref.get(rows), (all) =>
        pageOf(
          [...all.values()]
            .filter(({ organizationId }) => organization === null || organizationId === organization)
            .sort((a, b) => b.sequence - a.sequence),
          query,
          ({ sequence: _, ...budget }): Budget => budget,
          ({ sequence }) => sequence
        )
      ),
    used,
    spend: ({ byModel, from, organizationId, to }) =>
      Effect.map(Ref.get(counters), (all) =>
        [...all.values()]
          .filter(
            ({ model, organization, period }) =>
              organization === (organizationId ?? houseCounters) &&
              isDay(period) &&
              period >= from &&
              period <= to &&
              (model !== "") === byModel
          )
          .sort((a, b) => compare(a.period, b.period) || compare(a.model, b.model))
          .map(spendOf)
      ),
    reservations: Effect.map(Ref.get(counters), (all) => {
      const sums = new Map<OrganizationId, number>()
      for (const { model, organization, period, reserved } of all.values()) {
        if (model !== "" || isDay(period) || reserved === 0) continue
        const id = OrganizationId.make(organization)
        sums.set(id, (sums.get(id) ?? 0) + reserved)
      }
      return sums
    })
  }
})
