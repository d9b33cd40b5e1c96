import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer } from "effect"
import { ModelId, ProviderId } from "../../kernel/Ids.ts"
import { UsdTicks } from "../../kernel/Money.ts"
import { type UnknownOutcome, UnknownOutcomes } from "../../ledger/UnknownOutcomes.ts"
import { attemptId, jobId, numbers, organization } from "./samples.ts"

const sample = (name: number): UnknownOutcome => ({
  attemptId: attemptId(name),
  jobId: jobId(name),
  organizationId: organization,
  providerId: ProviderId.make("fal"),
  modelId: ModelId.make("fal.flux"),
  handle: name === 1 ? { request_id: "r1" } : null,
  worstCost: UsdTicks.make(500),
  acceptedAt: 1_000,
  claimedAt: name === 1 ? 1_500 : null,
  lostAt: 2_000,
  resolution: null
})
const resolution = { outcome: "charged", cost: UsdTicks.make(300), reason: "on the bill", resolvedAt: 3_000 } as const
const first = { limit: 10, cursor: null }

/** What every `UnknownOutcomes` promises. */
export const unknownOutcomesSuite = <E>(name: string, layer: Layer.Layer<UnknownOutcomes, E>) =>
  describe(`UnknownOutcomes / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, UnknownOutcomes>) => Effect.provide(effect, layer)

    it.effect("lists what is open, newest first, and each attempt once", () =>
      run(
        Effect.gen(function* () {
          const unknowns = yield* UnknownOutcomes
          yield* Effect.forEach([1, 2, 3, 2], (nth) => unknowns.add(sample(nth)))
          const page = yield* unknowns.list("open", { limit: 2, cursor: null })
          assert.deepStrictEqual(page.items, [sample(3), sample(2)])
          const rest = yield* unknowns.list("open", { limit: 2, cursor: page.nextCursor })
          assert.deepStrictEqual(rest, { items: [sample(1)], nextCursor: null })
          assert.strictEqual(yield* unknowns.countOpen(2), 2)
          assert.strictEqual(yield* unknowns.countOpen(100), 3)
        })
      )
    )

    it.effect("is resolved once, by one of many", () =>
      run(
        Effect.gen(function* () {
          const unknowns = yield* UnknownOutcomes
          yield* unknowns.add(sample(1))
          const all = yield* Effect.forEach(numbers(10), () => unknowns.resolve(attemptId(1), resolution), {
            concurrency: "unbounded"
          })
          assert.strictEqual(all.filter((one) => one).length, 1)
          assertSome(yield* unknowns.get(attemptId(1)), { ...sample(1), resolution })
          assertNone(yield* unknowns.get(attemptId(9)))
          assert.deepStrictEqual((yield* unknowns.list("open", first)).items, [])
          assert.deepStrictEqual((yield* unknowns.list("resolved", first)).items, [{ ...sample(1), resolution }])
        })
      )
    )
  })
