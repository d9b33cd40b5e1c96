import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { makeTurn } from "../../src/sql/internal/turn.ts"

/** A turn whose holders are noted by name, and a first holder that keeps it until it is let go. */
const held = (waitMillisMax: number) =>
  Effect.gen(function* () {
    const turn = makeTurn(waitMillisMax)
    const seen: Array<string> = []
    const letGo = yield* Deferred.make<void>()
    const take = (name: string, then: Effect.Effect<unknown> = Effect.void) =>
      turn.take(
        () => `${name} waited too long`,
        (restore) =>
          Effect.zipRight(
            Effect.sync(() => void seen.push(name)),
            restore(then)
          )
      )
    const holder = yield* Effect.fork(take("first", Deferred.await(letGo)))
    yield* Effect.yieldNow()
    return { turn, seen, take, holder, letGo: Deferred.succeed(letGo, undefined) }
  })

describe("a turn", () => {
  it.effect("goes to who came first, and past whoever stopped waiting", () =>
    Effect.gen(function* () {
      const { letGo, seen, take, turn } = yield* held(10_000)
      const [second, third, fourth] = [
        yield* Effect.fork(take("second")),
        yield* Effect.fork(take("third")),
        yield* Effect.fork(take("fourth"))
      ]
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(third)
      assert.isFalse(turn.isFree())
      yield* letGo
      yield* Fiber.joinAll([second, fourth])
      assert.deepStrictEqual(seen, ["first", "second", "fourth"])
      assert.isTrue(turn.isFree())
    })
  )

  it.effect("is passed on by a holder that is interrupted, also just after it was called", () =>
    Effect.gen(function* () {
      const { holder, seen, take, turn } = yield* held(10_000)
      const second = yield* Effect.fork(take("second"))
      const third = yield* Effect.fork(take("third"))
      yield* Effect.yieldNow()
      // The first passes the turn to the second, which is interrupted before it can run.
      holder.unsafeInterruptAsFork(holder.id())
      holder.addObserver(() => second.unsafeInterruptAsFork(second.id()))
      yield* Fiber.join(third)
      assert.include(seen, "third")
      yield* Fiber.await(second)
      assert.isTrue(turn.isFree())
    })
  )

  it.live("is not waited for longer than was said", () =>
    Effect.gen(function* () {
      const { holder, seen, take, turn } = yield* held(20)
      assert.strictEqual(yield* Effect.flip(take("second")), "second waited too long")
      yield* Fiber.interrupt(holder)
      yield* take("third")
      assert.deepStrictEqual(seen, ["first", "third"])
      assert.isTrue(turn.isFree())
    })
  )
})
