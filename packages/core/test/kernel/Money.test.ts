import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { CreditMultiplier, creditsFor, defaultMultiplier, parseUsd, ticks, UsdTicks } from "../../src/kernel/Money.ts"

const cost = FastCheck.integer({ min: 0, max: 1_000_000_000_000 }).map((value) => UsdTicks.make(value))
const multiplier = FastCheck.integer({ min: 10_000, max: 100_000 }).map((value) => CreditMultiplier.make(value))

/** Decimal text to ticks, rounded up, in whole numbers only. */
const reference = (whole: string, fraction: string): bigint => {
  const padded = fraction.padEnd(10, "0")
  const rest = /[1-9]/.test(padded.slice(10)) ? 1n : 0n
  return BigInt(whole) * 10_000_000_000n + BigInt(padded.slice(0, 10)) + rest
}

describe("creditsFor", () => {
  it("prices the examples of the contract", () => {
    assert.deepStrictEqual(
      ["0.05", "0.07", "0"].map((usd) => creditsFor(ticks(usd), defaultMultiplier)),
      [9, 12, 0]
    )
  })

  it.prop(
    "never charges less for more, and never less than the provider's cost",
    [cost, cost, multiplier],
    ([a, b, m]) => {
      const [less, more] = a < b ? [a, b] : [b, a]
      assert.isAtMost(creditsFor(less, m), creditsFor(more, m))
      assert.isTrue(BigInt(creditsFor(a, m)) * 100_000_000n >= BigInt(a))
    }
  )

  it.prop("rounds up once: less than one credit above the exact amount", [cost, multiplier], ([a, m]) => {
    const exact = BigInt(a) * BigInt(m)
    const charged = BigInt(creditsFor(a, m)) * 100_000_000n * 10_000n
    assert.isTrue(charged >= exact && charged - exact < 1_000_000_000_000n)
  })
})

describe("parseUsd", () => {
  const digits = (min: number, max: number) =>
    FastCheck.array(FastCheck.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) =>
      all.join("")
    )

  it.prop("is exact to a tick, and rounds up below it", [digits(1, 5), digits(1, 18)], ([whole, fraction]) => {
    assert.deepStrictEqual(
      Either.map(parseUsd(`${whole}.${fraction}`), BigInt),
      Either.right(reference(whole, fraction))
    )
  })

  it.prop("reads what numbers print as", [FastCheck.double({ min: 1e-9, max: 1000, noNaN: true })], ([value]) => {
    const read = Either.getOrThrow(parseUsd(value))
    assert.isAtMost(Math.abs(read / 1e10 - value), 1e-9)
  })

  it("refuses what is no amount", () => {
    for (const text of ["", "-1", "1,5", "0x10", "1e400", "NaN", "Infinity", "100001", " 1", "1."]) {
      assert.isTrue(Either.isLeft(parseUsd(text)), text)
    }
  })
})
