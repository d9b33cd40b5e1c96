import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { OperatorIdentity } from "../../src/identity/OperatorIdentity.ts"

const token = Redacted.make("the-operators-token-of-this-test")

const verdict = (expected: Redacted.Redacted<string> | null, given: string | null) =>
  Effect.flatMap(OperatorIdentity, (operator) =>
    operator.verify(given === null ? null : Redacted.make(given)).pipe(
      Effect.as("welcome"),
      Effect.catchAll((error) => Effect.succeed(error.code))
    )
  ).pipe(Effect.provide(OperatorIdentity.layer(expected)))

describe("the operator", () => {
  it.effect("is who has the token, whole", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* verdict(token, Redacted.value(token)), "welcome")
      assert.strictEqual(yield* verdict(token, Redacted.value(token).slice(0, -1)), "TOKEN_INVALID")
      assert.strictEqual(yield* verdict(token, `${Redacted.value(token)}x`), "TOKEN_INVALID")
      assert.strictEqual(yield* verdict(token, ""), "TOKEN_INVALID")
      assert.strictEqual(yield* verdict(token, null), "AUTH_REQUIRED")
    })
  )

  it.effect("is nobody in a house without such a token", () =>
    Effect.gen(function* () {
      for (const given of ["", "null", "undefined"]) assert.strictEqual(yield* verdict(null, given), "TOKEN_INVALID")
      assert.strictEqual(yield* verdict(null, null), "AUTH_REQUIRED")
    })
  )
})
