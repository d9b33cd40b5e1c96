import { describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { numbers } from "../../src/testing/suites/samples.ts"
import { history } from "./histories.ts"

describe("credits granted equal money received minus money returned", () => {
  it.effect(
    "in a hundred long histories",
    () =>
      Effect.forEach(numbers(100), (seed) => history(1_000 + seed, 150), { discard: true }).pipe(
        Effect.provide(Logger.remove(Logger.defaultLogger))
      ),
    300_000
  )
})
