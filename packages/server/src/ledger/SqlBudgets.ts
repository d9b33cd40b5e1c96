import * as SqlClient from "@effect/sql/SqlClient"
import { ModelId, OrganizationId } from "@image-skill/core/kernel/Ids"
import { Credits, UsdTicks } from "@image-skill/core/kernel/Money"
import { type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import {
  type Budget,
  type BudgetScope,
  type CounterKey,
  counterOf,
  countersOf,
  houseCounters,
  houseCountersOf,
  type Overrun,
  type Spend,
  type SpendQuery,
  type Use
} from "@image-skill/core/ledger/BudgetRecords"
import { Budgets } from "@image-skill/core/ledger/Budgets"
import { Effect, Layer, Option, Schema } from "effect"
import { column, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

/** No model: all of them. A NULL would be in no unique key. */
const ModelOrAll = Schema.transform(Schema.String, Schema.NullOr(ModelId), {
  strict: true,
  decode: (text) => (text === "" ? null : text),
  encode: (model) => model ?? ""
})

const BudgetRow = Schema.Struct({
  organizationId: column("organization_id", OrganizationId),
  period: Schema.Literal("day", "month"),
  modelId: column("model_id", ModelOrAll),
  limit: column("limit_ticks", UsdTicks)
})
const SpendRow = Schema.Struct({
  period: Schema.String,
  modelId: column("model_id", ModelOrAll),
  reserved: UsdTicks,
  cost: UsdTicks,
  credits: Credits,
  images: Schema.Int
})
const CountRow = Schema.Struct({ period: Schema.String, model_id: Schema.String, used: UsdTicks })
const ReservedRow = Schema.Struct({ organization_id: OrganizationId, reserved: Schema.Int })
const decodeBudgets = Schema.decodeUnknown(Schema.Array(BudgetRow))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(BudgetRow, Sequenced)))
const decodeSpend = Schema.decodeUnknown(Schema.Array(SpendRow))
const decodeCounts = Schema.decodeUnknown(Schema.Array(CountRow))
const decodeReserved = Schema.decodeUnknown(Schema.Array(ReservedRow))
const encodeBudget = Schema.encode(BudgetRow)

interface Amounts {
  readonly reserved: number
  readonly cost: number
  readonly credits: number
  readonly images: number
}

const nothing: Amounts = { reserved: 0, cost: 0, credits: 0, images: 0 }

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction

  const rowOf = ({ model, organization, period }: CounterKey, amounts: Amounts) => ({
    organization_id: organization,
    period,
    model_id: model,
    ...amounts
  })

  /** One statement for all: it locks them in the order of the rows, and answers what they are now. */
  const add = (rows: ReadonlyArray<ReturnType<typeof rowOf>>) =>
    sql`INSERT INTO spend ${sql.insert([...rows])}
        ON CONFLICT (organization_id, period, model_id) DO UPDATE SET
          reserved = spend.reserved + excluded.reserved, cost = spend.cost + excluded.cost,
          credits = spend.credits + excluded.credits, images = spend.images + excluded.images
        RETURNING period, model_id, reserved + cost AS used`

  const reserving = (use: Use, worst: number) =>
    add(countersOf(use).map((key) => rowOf(key, { ...nothing, reserved: worst })))

  const budgetsOver = ({ modelId, organizationId }: Use) =>
    Effect.flatMap(
      sql`SELECT organization_id, period, model_id, limit_ticks FROM budgets
          WHERE organization_id = ${organizationId} AND model_id IN ${sql.in(["", modelId])}`,
      decodeBudgets
    )

  const overrunIn = (
    budgets: ReadonlyArray<Budget>,
    counts: ReadonlyArray<typeof CountRow.Type>,
    use: Use,
    needed: number
  ): Option.Option<Overrun> => {
    for (const budget of budgets) {
      const key = counterOf(budget, use.acceptedAt)
      const counted = counts.find(({ model_id, period }) => period === key.period && model_id === key.model)
      const used = UsdTicks.make(counted?.used ?? 0)
      if (used + needed > budget.limit) return Option.some({ budget, used })
    }
    return Option.none()
  }

  const reserve = Effect.fnUntraced(function* (use: Use, worst: UsdTicks) {
    const budgets = yield* budgetsOver(use)
    // Counted first: from here on the counters are locked, so that nobody comes between the look and the taking.
    const counts = yield* Effect.flatMap(reserving(use, worst), decodeCounts)
    const before = counts.map((row) => ({ ...row, used: UsdTicks.make(row.used - worst) }))
    const overrun = overrunIn(budgets, before, use, worst)
    if (Option.isSome(overrun)) yield* reserving(use, -worst)
    return overrun
  })

  const countsOf = (organization: string, keys: ReadonlyArray<CounterKey>) =>
    Effect.flatMap(
      sql`SELECT period, model_id, reserved + cost AS used FROM spend WHERE organization_id = ${organization}
          AND period IN ${sql.in(keys.map(({ period }) => period))}
          AND model_id IN ${sql.in(keys.map(({ model }) => model))}`,
      decodeCounts
    )

  const overrunOf = Effect.fnUntraced(function* (use: Use, worst: UsdTicks) {
    const budgets = yield* budgetsOver(use)
    if (budgets.length === 0) return Option.none<Overrun>()
    return overrunIn(budgets, yield* countsOf(use.organizationId, countersOf(use)), use, worst)
  })

  const used = Effect.fnUntraced(function* (scope: BudgetScope, at: number) {
    const rows = yield* countsOf(scope.organizationId, [counterOf(scope, at)])
    return UsdTicks.make(rows[0]?.used ?? 0)
  })

  const list = (organization: OrganizationId | null, query: PageQuery) =>
    sql`SELECT * FROM budgets WHERE ${organization === null ? sql`1 = 1` : sql`organization_id = ${organization}`}
        AND sequence < ${sequenceOf(query.cursor) ?? sequenceMax} ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
      Effect.flatMap(decodeListed),
      Effect.map((rows) =>
        pageOf(
          rows,
          query,
          ({ sequence: _, ...budget }): Budget => budget,
          (row) => row.sequence
        )
      )
    )

  const spend = ({ byModel, from, organizationId, to }: SpendQuery) =>
    Effect.flatMap(
      sql`SELECT period, model_id, reserved, cost, credits, images FROM spend
          WHERE organization_id = ${organizationId ?? houseCounters} AND period >= ${from} AND period <= ${to}
          AND length(period) = 10 AND ${byModel ? sql`model_id <> ''` : sql`model_id = ''`}
          ORDER BY period, model_id`,
      decodeSpend
    )

  /** The same words as in the index `spend_reserved`. */
  const isReserved = sql.literal("reserved <> 0 AND model_id = ''")

  return Budgets.of({
    reserve: (use, worst) => transaction.run(orUnavailable(reserve(use, worst))),
    overrunOf: (use, worst) => orUnavailable(overrunOf(use, worst)),
    settle: (use, reserved, spent) =>
      orUnavailable(
        Effect.asVoid(
          add([
            ...countersOf(use).map((key) => rowOf(key, { ...spent, reserved: -reserved })),
            ...houseCountersOf(use).map((key) => rowOf(key, { ...spent, reserved: 0 }))
          ])
        )
      ),
    set: (budget) =>
      orUnavailable(
        Effect.flatMap(
          encodeBudget(budget),
          (row) => sql`INSERT INTO budgets ${sql.insert(row)}
            ON CONFLICT (organization_id, period, model_id) DO UPDATE SET limit_ticks = excluded.limit_ticks`
        ).pipe(Effect.asVoid)
      ),
    remove: ({ modelId, organizationId, period }) =>
      sql`DELETE FROM budgets WHERE organization_id = ${organizationId} AND period = ${period}
          AND model_id = ${modelId ?? ""} RETURNING sequence`.pipe(
        Effect.map((rows) => rows.length > 0),
        orUnavailable
      ),
    list: (organization, query) => orUnavailable(list(organization, query)),
    used: (scope, at) => orUnavailable(used(scope, at)),
    spend: (query) => orUnavailable(Effect.map(spend(query), (rows): ReadonlyArray<Spend> => rows)),
    reservations: sql`SELECT organization_id, sum(reserved) AS reserved FROM spend
                      WHERE ${isReserved} AND length(period) = 7 GROUP BY organization_id`.pipe(
      Effect.flatMap(decodeReserved),
      Effect.map((rows) => new Map(rows.map((row) => [row.organization_id, row.reserved]))),
      orUnavailable
    )
  })
})

/** Budgets and their counters in SQL. */
export const layer = Layer.effect(Budgets, make)
