import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer } from "effect"
import { type IdempotencyScope, IdempotencyStore } from "../../kernel/Idempotency.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { jobId, numbers, organization, otherOrganization } from "./samples.ts"

const scope: IdempotencyScope = { organizationId: organization, endpoint: "create", key: "key-1" }

/** What every `IdempotencyStore` promises. */
export const idempotencyStoreSuite = <E>(name: string, layer: Layer.Layer<IdempotencyStore | Transaction, E>) =>
  describe(`IdempotencyStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, IdempotencyStore | Transaction>) => Effect.provide(effect, layer)

    it.effect("binds a key to the first of many, and answers with that one", () =>
      run(
        Effect.gen(function* () {
          const keys = yield* IdempotencyStore
          const record = (one: number) => ({ bodyHash: `hash-${one}`, jobId: jobId(one) })
          const bound = yield* Effect.forEach(numbers(20), (one) => keys.bind(scope, record(one)), {
            concurrency: "unbounded"
          })
          assert.strictEqual(bound.filter((one) => one).length, 1)
          const first = record(bound.indexOf(true) + 1)
          assertSome(yield* keys.find(scope), first)
        })
      )
    )

    it.effect("keeps the keys of organizations and endpoints apart", () =>
      run(
        Effect.gen(function* () {
          const keys = yield* IdempotencyStore
          const others: ReadonlyArray<IdempotencyScope> = [
            { ...scope, organizationId: otherOrganization },
            { ...scope, endpoint: "edit" },
            { ...scope, endpoint: "create key-1", key: "" },
            { ...scope, key: "KEY-1" },
            { ...scope, key: "key-1 " }
          ]
          yield* keys.bind(scope, { bodyHash: "hash", jobId: jobId("one") })
          for (const [index, other] of others.entries()) {
            assertNone(yield* keys.find(other))
            assert.isTrue(yield* keys.bind(other, { bodyHash: "hash", jobId: jobId(index) }))
          }
          assertSome(yield* keys.find(scope), { bodyHash: "hash", jobId: jobId("one") })
        })
      )
    )

    it.effect("leaves a key free when its transaction fails", () =>
      run(
        Effect.gen(function* () {
          const keys = yield* IdempotencyStore
          const bound = keys.bind(scope, { bodyHash: "hash", jobId: jobId("one") })
          yield* Effect.exit((yield* Transaction).run(Effect.zipRight(bound, Effect.fail("no"))))
          assertNone(yield* keys.find(scope))
          assert.isTrue(yield* bound)
        })
      )
    )
  })
