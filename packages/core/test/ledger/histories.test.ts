import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { numbers } from "../../src/testing/suites/samples.ts"
import { history } from "./histories.ts"

const quiet = Effect.provide(Logger.remove(Logger.defaultLogger))

describe("credits granted equal money received minus money returned", () => {
  it.effect("in six histories of quotes, payments, refunds, disputes, spends and deaths", () =>
    Effect.gen(function* () {
      const told = yield* Effect.forEach(numbers(6), (seed) => history(seed, 50))
      // The histories are of something.
      assert.isAbove(
        told.reduce((sum, { payments }) => sum + payments, 0),
        10
      )
      assert.isAbove(
        told.reduce((sum, { kept }) => sum + kept, 0),
        300
      )
    }).pipe(quiet)
  )
})
