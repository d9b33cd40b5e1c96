import { Schema } from "effect"
import { limits } from "../kernel/Limits.ts"

/** A struct whose unknown fields are errors: an ignored field is one that lies. */
export const strict = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotations({ parseOptions: { onExcessProperty: "error", errors: "all" } })

export const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

/** A decimal amount of USD, such as 0.05. */
export const Usd = Schema.Number.pipe(
  Schema.between(0, 100_000, { message: () => "an amount of USD is a number from 0 to 100000" })
)

export const WaitMillis = Schema.Int.pipe(
  Schema.between(0, limits.waitMillisMax, {
    message: () => `wait_ms is a whole number from 0 to ${limits.waitMillisMax}`
  })
)

const numeral = (name: string, from: number, to: number) =>
  Schema.NumberFromString.pipe(
    Schema.int(),
    Schema.between(from, to, { message: () => `${name} is a whole number from ${from} to ${to}` })
  )

export const pageFields = {
  limit: Schema.optional(numeral("limit", 1, limits.pageMax)),
  cursor: Schema.optional(Schema.String)
}

export const waitField = { wait_ms: Schema.optional(numeral("wait_ms", 0, limits.waitMillisMax)) }

export const pageQuery = (query: { readonly limit?: number | undefined; readonly cursor?: string | undefined }) => ({
  limit: query.limit ?? limits.pageDefault,
  cursor: query.cursor ?? null
})
