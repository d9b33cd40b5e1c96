import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { publicRules, RateLimits } from "../../src/identity/RateLimits.ts"

const rules = { ...publicRules, read: { burst: 3, perMinute: 6 } }

describe("rate limits", () => {
  it.effect("give a burst, then as many as the minute has, and say how long to wait", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      const ask = Effect.either(limits.take("read", "a"))
      for (let count = 0; count < 3; count += 1) assert.strictEqual((yield* ask)._tag, "Right")
      const refused = yield* Effect.flip(limits.take("read", "a"))
      assert.strictEqual(refused.code, "RATE_LIMITED")
      assert.strictEqual(refused.recovery?.retry_after_seconds, 10)
      assert.strictEqual((yield* Effect.either(limits.take("read", "b")))._tag, "Right")
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual((yield* Effect.flip(limits.take("read", "a"))).recovery?.retry_after_seconds, 1)
      // Who only asks whether it may takes nothing.
      yield* TestClock.adjust("1 second")
      yield* limits.check("read", "a")
      yield* limits.take("read", "a")
      assert.strictEqual((yield* ask)._tag, "Left")
      yield* TestClock.adjust("1 hour")
      for (let count = 0; count < 3; count += 1) assert.strictEqual((yield* ask)._tag, "Right")
      assert.strictEqual((yield* ask)._tag, "Left")
    }).pipe(Effect.provide(RateLimits.layerMemory(rules)))
  )

  it.effect("forget who has not asked for longest, and nobody else", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      for (let count = 0; count < 3; count += 1) yield* limits.take("read", "busy")
      for (let other = 0; other < 50; other += 1) {
        yield* limits.take("read", `other ${other}`)
        assert.strictEqual((yield* Effect.either(limits.take("read", "busy")))._tag, "Left")
      }
    }).pipe(Effect.provide(RateLimits.layerMemory(rules, 2)))
  )
})
