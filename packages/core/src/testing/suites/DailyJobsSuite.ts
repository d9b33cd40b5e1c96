import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { DailyJobs } from "../../identity/Quota.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { numbers, organization, otherOrganization } from "./samples.ts"

const day = "2026-11-22"

/** What every `DailyJobs` promises. */
export const dailyJobsSuite = <E>(name: string, layer: Layer.Layer<DailyJobs | Transaction, E>) =>
  describe(`DailyJobs / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, DailyJobs | Transaction>) => Effect.provide(effect, layer)

    it.effect("gives out no more than the limit, however many ask at a time", () =>
      run(
        Effect.gen(function* () {
          const daily = yield* DailyJobs
          const taken = yield* Effect.forEach(numbers(20), () => daily.take(organization, day, 7), {
            concurrency: "unbounded"
          })
          assert.strictEqual(taken.filter((one) => one).length, 7)
          assert.strictEqual(yield* daily.used(organization, day), 7)
          assert.isTrue(yield* daily.take(organization, day, 8))
          assert.isFalse(yield* daily.take(organization, day, 3))
          assert.isFalse(yield* daily.take(otherOrganization, day, 0))
          assert.strictEqual(yield* daily.used(otherOrganization, day), 0)
        })
      )
    )

    it.effect("counts each day and each organization by itself", () =>
      run(
        Effect.gen(function* () {
          const daily = yield* DailyJobs
          assert.isTrue(yield* daily.take(organization, day, 1))
          assert.isTrue(yield* daily.take(organization, "2026-11-23", 1))
          assert.isTrue(yield* daily.take(otherOrganization, day, 1))
          assert.isFalse(yield* daily.take(organization, day, 1))
        })
      )
    )

    it.effect("gives out none once too many images were refused that day, and counts refusals besides jobs", () =>
      run(
        Effect.gen(function* () {
          const daily = yield* DailyJobs
          assert.strictEqual(yield* daily.refused(organization, day), 0)
          const counted = yield* Effect.forEach(numbers(4), () => daily.refuse(organization, day, 2), {
            concurrency: "unbounded"
          })
          assert.deepStrictEqual(
            [...counted].sort((a, b) => a - b),
            [2, 4, 6, 8]
          )
          assert.isTrue(yield* daily.take(organization, day, 10))
          assert.isTrue(yield* daily.take(organization, day, 10, 9))
          assert.isFalse(yield* daily.take(organization, day, 10, 8))
          assert.deepStrictEqual(
            [yield* daily.used(organization, day), yield* daily.refused(organization, day)],
            [2, 8]
          )
          assert.isTrue(yield* daily.take(organization, "2026-11-23", 10, 1))
          assert.isTrue(yield* daily.take(otherOrganization, day, 10, 1))
        })
      )
    )

    it.effect("gives a job back when its transaction fails", () =>
      run(
        Effect.gen(function* () {
          const daily = yield* DailyJobs
          const taken = Effect.zipRight(daily.take(organization, day, 1), Effect.fail("no"))
          yield* Effect.exit((yield* Transaction).run(taken))
          assert.isTrue(yield* daily.take(organization, day, 1))
        })
      )
    )
  })
