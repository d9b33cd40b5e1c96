import { Schema } from "effect"
import { limits } from "../kernel/Limits.ts"
import { isCursor } from "../kernel/Page.ts"
import { quoted } from "../kernel/Quote.ts"

/** A struct whose unknown fields are errors: an ignored field is one that lies. */
export const strict = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotations({ parseOptions: { onExcessProperty: "error", errors: "all" } })

/** What a URL asks for. Unknown names are left alone: links gather them on their way. */
export const query = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotations({ parseOptions: { errors: "all" } })

export const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

const says = (message: string) => ({ message: () => ({ message, override: true }) })

/** A decimal amount of USD, such as 0.05. */
export const Usd = Schema.Number.pipe(Schema.between(0, 100_000)).annotations(
  says("an amount of USD is a number from 0 to 100000")
)

export const WaitMillis = Schema.Int.pipe(Schema.between(0, limits.waitMillisMax)).annotations(
  says(`wait_ms is a whole number from 0 to ${limits.waitMillisMax}`)
)

export const numeral = (name: string, from: number, to: number) =>
  Schema.NumberFromString.pipe(Schema.int(), Schema.between(from, to)).annotations({
    ...says(`${name} is a whole number from ${from} to ${to}`),
    jsonSchema: { type: "integer", minimum: from, maximum: to }
  })

/** The body's field and the header. Never empty: the empty key would be everybody's. */
export const IdempotencyKey = Schema.String.pipe(Schema.minLength(1), Schema.maxLength(200)).annotations(
  says("an idempotency key is a text of 1 to 200 characters")
)

export const idempotencyHeader = "idempotency-key"

export const IdempotencyHeaders = Schema.Struct({ [idempotencyHeader]: Schema.optional(IdempotencyKey) })

const idCharactersMax = 512

/**
 * An id as a caller wrote it, of any shape: whether it exists is for the store to say. One that is longer than any can
 * be is cut: it is not found either.
 */
export const anyId = <A>(id: Schema.Schema<A, string>) =>
  Schema.transform(Schema.String, id, {
    strict: true,
    decode: (text) => (text.length <= idCharactersMax ? text : quoted(text)),
    encode: (text) => text
  })

/** The name of a model or a provider. None is longer than what a message quotes: a longer one is cut, and not found. */
export const Name = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: quoted,
  encode: (text) => text
})

export const pageFields = {
  limit: Schema.optional(numeral("limit", 1, limits.pageMax)),
  cursor: Schema.optional(
    Schema.String.pipe(Schema.filter(isCursor)).annotations(
      says("a cursor is the next_cursor of the page before, as it was given")
    )
  )
}

export const waitField = { wait_ms: Schema.optional(numeral("wait_ms", 0, limits.waitMillisMax)) }

export const pageQuery = (query: { readonly limit?: number | undefined; readonly cursor?: string | undefined }) => ({
  limit: query.limit ?? limits.pageDefault,
  cursor: query.cursor ?? null
})
