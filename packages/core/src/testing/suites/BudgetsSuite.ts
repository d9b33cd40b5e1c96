import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer, Option } from "effect"
import { ModelId } from "../../kernel/Ids.ts"
import { Credits, UsdTicks } from "../../kernel/Money.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import type { Budget, Use } from "../../ledger/BudgetRecords.ts"
import { Budgets } from "../../ledger/Budgets.ts"
import { numbers, organization, otherOrganization } from "./samples.ts"

const noon = Date.UTC(2026, 10, 22, 12)
const tomorrow = noon + 24 * 60 * 60 * 1000
const model = ModelId.make("openai.gpt-image-2")
const otherModel = ModelId.make("xai.grok-imagine")
const use: Use = { organizationId: organization, modelId: model, acceptedAt: noon }
const ticks = (amount: number) => UsdTicks.make(amount)
const day: Budget = { organizationId: organization, period: "day", modelId: null, limit: ticks(100) }
const first = { limit: 10, cursor: null }

/** What every `Budgets` promises. */
export const budgetsSuite = <E>(name: string, layer: Layer.Layer<Budgets | Transaction, E>) =>
  describe(`Budgets / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, Budgets | Transaction>) => Effect.provide(effect, layer)

    it.effect("reserves no more than the limit, however many ask at a time, and leaves no trace of the others", () =>
      run(
        Effect.gen(function* () {
          const budgets = yield* Budgets
          yield* budgets.set(day)
          const all = yield* Effect.forEach(numbers(50), () => budgets.reserve(use, ticks(15)), {
            concurrency: "unbounded"
          })
          assert.strictEqual(all.filter(Option.isNone).length, 6)
          assert.strictEqual(yield* budgets.used(day, noon), ticks(90))
          assertSome(yield* budgets.reserve(use, ticks(11)), { budget: day, used: ticks(90) })
          assertSome(yield* budgets.overrunOf(use, ticks(11)), { budget: day, used: ticks(90) })
          assertNone(yield* budgets.overrunOf(use, ticks(10)))
          assertNone(yield* budgets.reserve({ ...use, organizationId: otherOrganization }, ticks(1000)))
          assertNone(yield* budgets.reserve({ ...use, acceptedAt: tomorrow }, ticks(100)))
        })
      )
    )

    it.effect("turns a reservation into what was spent, for the organization and for the house", () =>
      run(
        Effect.gen(function* () {
          const budgets = yield* Budgets
          yield* budgets.reserve(use, ticks(80))
          assert.deepStrictEqual([...(yield* budgets.reservations)], [[organization, 80]])
          yield* budgets.settle(use, ticks(80), { cost: 30, credits: 9, images: 2 })
          yield* budgets.settle({ ...use, modelId: otherModel }, ticks(0), { cost: 5, credits: 1, images: 1 })
          assert.deepStrictEqual([...(yield* budgets.reservations)], [])
          assert.strictEqual(yield* budgets.used(day, noon), ticks(35))
          assert.strictEqual(yield* budgets.used({ ...day, period: "month", modelId: model }, tomorrow), ticks(30))
          const query = { from: "2026-11-01", to: "2026-11-30", byModel: true }
          const own = yield* budgets.spend({ ...query, organizationId: organization })
          const house = yield* budgets.spend({ ...query, organizationId: null })
          assert.deepStrictEqual(own, house)
          assert.deepStrictEqual(
            house.map(({ cost, credits, images, modelId, period }) => ({ cost, credits, images, modelId, period })),
            [
              { cost: ticks(30), credits: Credits.make(9), images: 2, modelId: model, period: "2026-11-22" },
              { cost: ticks(5), credits: Credits.make(1), images: 1, modelId: otherModel, period: "2026-11-22" }
            ]
          )
          const days = yield* budgets.spend({ ...query, organizationId: null, byModel: false })
          assert.deepStrictEqual(
            days.map(({ cost, modelId }) => [cost, modelId]),
            [[ticks(35), null]]
          )
          const elsewhere = { ...query, organizationId: organization, from: "2026-11-23" }
          assert.deepStrictEqual(yield* budgets.spend(elsewhere), [])
        })
      )
    )

    it.effect("holds a model's budget against that model alone, and the month's against both", () =>
      run(
        Effect.gen(function* () {
          const budgets = yield* Budgets
          yield* budgets.set({ ...day, modelId: model, limit: ticks(10) })
          yield* budgets.set({ ...day, period: "month", limit: ticks(40) })
          assert.isTrue(Option.isSome(yield* budgets.reserve(use, ticks(11))))
          assertNone(yield* budgets.reserve({ ...use, modelId: otherModel }, ticks(31)))
          const overrun = yield* budgets.reserve(use, ticks(10))
          assert.strictEqual(Option.getOrNull(overrun)?.budget.period, "month")
        })
      )
    )

    it.effect("gives a reservation back when its transaction fails", () =>
      run(
        Effect.gen(function* () {
          const budgets = yield* Budgets
          yield* budgets.set(day)
          const reserved = Effect.zipRight(budgets.reserve(use, ticks(100)), Effect.fail("no"))
          yield* Effect.exit((yield* Transaction).run(reserved))
          assertNone(yield* budgets.reserve(use, ticks(100)))
        })
      )
    )

    it.effect("keeps one budget of a scope, lists them page by page, and takes them away", () =>
      run(
        Effect.gen(function* () {
          const budgets = yield* Budgets
          const other: Budget = { ...day, organizationId: otherOrganization, modelId: model }
          yield* budgets.set(day)
          yield* budgets.set(other)
          yield* budgets.set({ ...day, limit: ticks(7) })
          const one = yield* budgets.list(null, { limit: 1, cursor: null })
          assert.deepStrictEqual(one.items, [other])
          const two = yield* budgets.list(null, { limit: 1, cursor: one.nextCursor })
          assert.deepStrictEqual(two, { items: [{ ...day, limit: ticks(7) }], nextCursor: null })
          assert.deepStrictEqual((yield* budgets.list(organization, first)).items, two.items)
          assert.isTrue(yield* budgets.remove(day))
          assert.isFalse(yield* budgets.remove(day))
          assertNone(yield* budgets.reserve(use, ticks(1000)))
        })
      )
    )
  })
