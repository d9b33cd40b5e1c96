import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Logger, Option } from "effect"
import { numbers } from "../../src/testing/suites/samples.ts"
import { history, type Sabotage } from "./histories.ts"

const quiet = Effect.provide(Logger.remove(Logger.defaultLogger))

const sabotages: ReadonlyArray<readonly [name: string, sabotage: Sabotage]> = [
  ["forgets what it has reversed", () => ({ reversalsOf: () => Effect.succeed([]) })],
  ["forgets that it has granted", () => ({ receiptOf: () => Effect.succeed(Option.none()) })],
  ["forgets what waits", () => ({ waitingFor: () => Effect.succeed([]), waitingFound: () => Effect.succeed([]) })],
  [
    "loses words that it has kept",
    (real) => ({ eventsOf: (id) => Effect.map(real.eventsOf(id), (all) => all.slice(-1)) })
  ]
]

describe("credits granted equal money received minus money returned", () => {
  it.effect(
    "in thirty long histories",
    () => Effect.forEach(numbers(30), (seed) => history(1_000 + seed, 150), { discard: true }).pipe(quiet),
    120_000
  )

  for (const [name, sabotage] of sabotages)
    it.effect(`and a store is noticed that ${name}`, () =>
      Effect.gen(function* () {
        for (const seed of numbers(20)) if (Exit.isFailure(yield* Effect.exit(history(seed, 50, sabotage)))) return
        assert.fail("twenty histories did not notice")
      }).pipe(quiet)
    )
})
