import { Either } from "effect"
import { type Failure, failure } from "../kernel/Errors.ts"
import { Credits } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"

export interface CreditPack {
  readonly id: string
  readonly name: string
  readonly credits: Credits
}

const pack = (id: string, name: string, credits: number): CreditPack => ({ id, name, credits: Credits.make(credits) })

/** One credit is one cent. */
export const creditPacks: ReadonlyArray<CreditPack> = [
  pack("starter-500", "Starter", 500),
  pack("builder-2000", "Builder", 2000),
  pack("studio-5000", "Studio", 5000)
]
export const defaultPackId = "starter-500"

/** What one quote may be for, in credits. */
export const creditBounds = { min: 1, max: 5000 } as const

/** What a caller asks a quote for. */
export interface QuoteRequest {
  readonly credits: number | null
  readonly packId: string | null
  readonly paymentMethod: string | null
  readonly idempotencyKey: string | null
}

/** What a quote is for: the part of a request that its key is bound to. */
export interface CreditTerms {
  readonly credits: Credits
  readonly packId: string | null
  readonly rail: string
}

export const defaultRail = "fake"

export const sameTerms = (a: CreditTerms, b: CreditTerms): boolean =>
  a.credits === b.credits && a.packId === b.packId && a.rail === b.rail

/** A command that quotes these terms, as it can be pasted. The values are ours: nothing needs quoting. */
export const quoteCommand = (terms: CreditTerms, key: string): string =>
  [
    "image-skill credits quote",
    terms.packId === null ? `--credits ${terms.credits}` : `--pack ${terms.packId}`,
    `--payment-method ${terms.rail}`,
    `--idempotency-key ${key}`,
    "--json"
  ].join(" ")

const invalid = (path: string, message: string, flags: ReadonlyArray<string> = []) =>
  failure("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path, message }] },
    recovery: {
      fields: [path],
      ...(flags.length === 0 ? {} : { required_flags: flags }),
      suggested_command: "image-skill credits packs list --json"
    }
  })

/** The terms of a request, on one of the rails that are known by name. */
export const termsOf = (
  request: QuoteRequest,
  rails: ReadonlyArray<string>
): Either.Either<CreditTerms, Failure<"INVALID_ARGUMENTS">> => {
  const rail = request.paymentMethod ?? defaultRail
  if (!rails.includes(rail)) {
    return Either.left(invalid("payment_method", `payment_method is "${quoted(rail)}"; allowed: ${rails.join(", ")}`))
  }
  if (request.credits !== null && request.packId !== null) {
    return Either.left(invalid("pack_id", "credits and pack_id were both given; a quote is for one of them"))
  }
  if (request.packId !== null) {
    const found = creditPacks.find(({ id }) => id === request.packId)
    return found === undefined
      ? Either.left(
          invalid(
            "pack_id",
            `pack_id is "${quoted(request.packId)}"; allowed: ${creditPacks.map(({ id }) => id).join(", ")}`
          )
        )
      : Either.right({ credits: found.credits, packId: found.id, rail })
  }
  if (request.credits === null) {
    return Either.left(
      invalid("credits", `neither credits nor pack_id was given; allowed: ${bounds}, or a pack`, [
        "--credits",
        "--pack"
      ])
    )
  }
  const { credits } = request
  return Number.isInteger(credits) && credits >= creditBounds.min && credits <= creditBounds.max
    ? Either.right({ credits: Credits.make(credits), packId: null, rail })
    : Either.left(invalid("credits", `credits is ${credits}; allowed: ${bounds}`))
}

const bounds = `a whole number from ${creditBounds.min} to ${creditBounds.max}`
