import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer } from "effect"
import { type OperatorAct, OperatorLog } from "../../operator/OperatorLog.ts"

const act = (key: string): OperatorAct => ({
  key,
  act: "credits.grant",
  subject: "org_one",
  reason: "a failed demo",
  request: { credits: 5 },
  result: { credits_granted: 5, balance: { available: 5 } },
  at: 1_000
})

/** What every `OperatorLog` promises. */
export const operatorLogSuite = <E>(name: string, layer: Layer.Layer<OperatorLog, E>) =>
  describe(`OperatorLog / ${name}`, () => {
    it.effect("keeps the first act of a key, and lists the newest first", () =>
      Effect.gen(function* () {
        const log = yield* OperatorLog
        assert.isTrue(yield* log.append(act("a")))
        assert.isTrue(yield* log.append(act("b")))
        assert.isFalse(yield* log.append({ ...act("a"), reason: "another" }))
        assertSome(yield* log.find("a"), act("a"))
        assertNone(yield* log.find("c"))
        const page = yield* log.list({ limit: 1, cursor: null })
        assert.deepStrictEqual(page.items, [act("b")])
        assert.deepStrictEqual((yield* log.list({ limit: 1, cursor: page.nextCursor })).items, [act("a")])
      }).pipe(Effect.provide(layer))
    )
  })
