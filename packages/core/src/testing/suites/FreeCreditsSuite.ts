import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { FreeCredits } from "../../identity/FreeCredits.ts"
import { Credits } from "../../kernel/Money.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { numbers } from "./samples.ts"

const day = "2026-11-22"
const [fifty, most] = [Credits.make(50), Credits.make(320)]

/** What every `FreeCredits` promises. */
export const freeCreditsSuite = <E>(name: string, layer: Layer.Layer<FreeCredits | Transaction, E>) =>
  describe(`FreeCredits / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, FreeCredits | Transaction>) => Effect.provide(effect, layer)

    it.effect("never gives more than the day's, and gives an amount whole or not at all", () =>
      run(
        Effect.gen(function* () {
          const gifts = yield* FreeCredits
          const taken = yield* Effect.forEach(numbers(12), () => gifts.take(day, fifty, most), {
            concurrency: "unbounded"
          })
          assert.strictEqual(taken.filter((one) => one).length, 6)
          assert.strictEqual(yield* gifts.given(day), 300)
          assert.isTrue(yield* gifts.take(day, Credits.make(20), most))
          assert.isFalse(yield* gifts.take(day, Credits.make(1), most))
          assert.isFalse(yield* gifts.take("2026-11-23", Credits.make(321), most))
          assert.strictEqual(yield* gifts.given("2026-11-23"), 0)
          assert.isTrue(yield* gifts.take("2026-11-23", fifty, most))
        })
      )
    )

    it.effect("takes an amount back when its transaction fails", () =>
      run(
        Effect.gen(function* () {
          const gifts = yield* FreeCredits
          const taken = Effect.zipRight(gifts.take(day, most, most), Effect.fail("no"))
          yield* Effect.exit((yield* Transaction).run(taken))
          assert.strictEqual(yield* gifts.given(day), 0)
        })
      )
    )
  })
