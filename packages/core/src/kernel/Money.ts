import { Either, Schema } from "effect"

/** Provider money: an integer count of 10⁻¹⁰ USD. $1 is 10,000,000,000 ticks; the safe range ends near $900,000. */
export const UsdTicks = Schema.Int.pipe(Schema.brand("UsdTicks"))
export type UsdTicks = typeof UsdTicks.Type

/** User money: whole credits, each worth $0.01. */
export const Credits = Schema.Int.pipe(Schema.brand("Credits"))
export type Credits = typeof Credits.Type

export const ticksPerUsd = 10_000_000_000
export const ticksPerCredit = 100_000_000
export const creditUnitUsd = 0.01
export const zeroTicks = UsdTicks.make(0)

/** What the house charges over a provider's cost, in ten-thousandths: 17,000 is 1.7. */
export const CreditMultiplier = Schema.Int.pipe(Schema.between(10_000, 1_000_000), Schema.brand("CreditMultiplier"))
export type CreditMultiplier = typeof CreditMultiplier.Type
export const defaultMultiplier = CreditMultiplier.make(17_000)

const ceilDivide = (a: bigint, b: bigint) => (a + b - 1n) / b

/**
 * Credits for one image of this provider cost: cost × multiplier, rounded up once.
 *
 * @example
 * ```ts
 * import { creditsFor, defaultMultiplier, ticks } from "@image-skill/core/kernel/Money"
 * creditsFor(ticks("0.05"), defaultMultiplier) // => 9
 * ```
 */
export const creditsFor = (cost: UsdTicks, multiplier: CreditMultiplier): Credits =>
  Credits.make(Number(ceilDivide(BigInt(cost) * BigInt(multiplier), BigInt(ticksPerCredit) * 10_000n)))

/** `numerator / denominator` of an amount, rounded up to a tick. */
export const shareUp = (amount: UsdTicks, numerator: number, denominator: number): UsdTicks =>
  UsdTicks.make(Number(ceilDivide(BigInt(amount) * BigInt(numerator), BigInt(denominator))))

const decimal = /^(\d{1,6})(?:\.(\d{1,30}))?(?:e([+-]?\d{1,2}))?$/i

/**
 * Parses a non-negative decimal USD amount exactly; digits below a tick are rounded up.
 * `Left` holds the text when it is no amount or is above $100,000.
 */
export const parseUsd = (amount: string | number): Either.Either<UsdTicks, string> => {
  const text = String(amount)
  const match = decimal.exec(text)
  if (match === null) return Either.left(text)
  const fraction = match[2] ?? ""
  const exponent = Number(match[3] ?? "0") - fraction.length + 10
  const digits = BigInt(`${match[1]}${fraction}`)
  const value = exponent >= 0 ? digits * 10n ** BigInt(exponent) : ceilDivide(digits, 10n ** BigInt(-exponent))
  return value > 100_000n * BigInt(ticksPerUsd) ? Either.left(text) : Either.right(UsdTicks.make(Number(value)))
}

/** A price written in source, `ticks("0.05")`. Dies on anything that is no amount: it is a constant, not input. */
export const ticks = (usd: string): UsdTicks =>
  Either.getOrThrowWith(parseUsd(usd), (text) => new Error(`"${text}" is no amount of USD`))

/** For JSON beside the integer: the decimal USD of an amount. Never computed with. */
export const usdOf = (amount: UsdTicks): number => amount / ticksPerUsd

/** For JSON: the decimal USD of credits. Never computed with. */
export const usdOfCredits = (amount: Credits): number => amount / 100

export const ticksOfCredits = (amount: Credits): UsdTicks => UsdTicks.make(amount * ticksPerCredit)
