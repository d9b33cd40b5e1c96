import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, Fiber, type Layer, Option } from "effect"
import { ResultSpool } from "../../assets/ResultSpool.ts"
import { attemptId, numbers } from "./samples.ts"

const reply = (length: number, contentType = "application/json") => ({
  contentType,
  // Begins with line ends: whatever a store writes around the bytes must not be taken for them.
  bytes: Uint8Array.from({ length }, (_, index) => (index < 3 ? 10 : (index * 7) % 256)),
  facts: { billed_units: 3, nested: { "line\nend": [null, true] } }
})

/** What every `ResultSpool` promises. */
export const resultSpoolSuite = <E>(name: string, layer: Layer.Layer<ResultSpool, E>) =>
  describe(`ResultSpool / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, ResultSpool>) => Effect.provide(effect, layer)

    it.effect("reads back what was written, until it is removed", () =>
      run(
        Effect.gen(function* () {
          const spool = yield* ResultSpool
          yield* spool.write(attemptId(1), reply(400_000))
          yield* spool.write(attemptId(2), reply(0, "image/png; charset=“x”"))
          assertSome(yield* spool.read(attemptId(1)), reply(400_000))
          assertSome(yield* spool.read(attemptId(2)), reply(0, "image/png; charset=“x”"))
          assertNone(yield* spool.read(attemptId(3)))
          yield* spool.write(attemptId(1), reply(5))
          assertSome(yield* spool.read(attemptId(1)), reply(5))
          yield* spool.remove(attemptId(1))
          yield* spool.remove(attemptId(1))
          assertNone(yield* spool.read(attemptId(1)))
        })
      )
    )

    it.effect("keeps no hold of the memory that a reply came in: it is used again for the next one", () =>
      run(
        Effect.gen(function* () {
          const spool = yield* ResultSpool
          const written = reply(600_001)
          yield* spool.write(attemptId(1), written)
          written.bytes.fill(0)
          assertSome(yield* spool.read(attemptId(1)), reply(600_001))
        })
      )
    )

    it.effect("tells how much room there is, or that this cannot be known", () =>
      run(
        Effect.gen(function* () {
          const before = yield* (yield* ResultSpool).roomBytes
          assert.isTrue(before === null || (Number.isSafeInteger(before) && before >= 0), `${before}`)
        })
      )
    )

    it.effect("never reads back a part of a write that was cut", () =>
      run(
        Effect.gen(function* () {
          const spool = yield* ResultSpool
          for (const one of numbers(10)) {
            const fiber = yield* Effect.fork(spool.write(attemptId(one), reply(500_000)))
            yield* Effect.forEach(numbers(one), () => Effect.yieldNow())
            const during = yield* spool.read(attemptId(one))
            yield* Fiber.interrupt(fiber)
            const after = yield* spool.read(attemptId(one))
            for (const found of [during, after])
              if (Option.isSome(found)) assert.strictEqual(found.value.bytes.length, 500_000)
          }
        })
      )
    )
  })
