import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { RunRegistry } from "../../jobs/RunRegistry.ts"
import { runId } from "./samples.ts"

/** What every `RunRegistry` promises of itself and of runs that left no proof of life. */
export const runRegistrySuite = <E>(name: string, layer: Layer.Layer<RunRegistry, E>) =>
  describe(`RunRegistry / ${name}`, () => {
    it.effect("is alive itself, and knows a run without a proof of life for dead", () =>
      Effect.gen(function* () {
        const runs = yield* RunRegistry
        assert.isFalse(yield* runs.isDead(runs.self))
        assert.isTrue(yield* runs.isDead(runId("of_another_life")))
        assert.isFalse(yield* runs.isDead(runs.self))
      }).pipe(Effect.provide(layer))
    )

    it.effect("is another run in every life", () =>
      Effect.gen(function* () {
        const self = Effect.map(RunRegistry, (runs) => runs.self)
        const first = yield* Effect.provide(self, layer)
        assert.notStrictEqual(yield* Effect.provide(self, layer), first)
      })
    )
  })
