import { Schema } from "effect"
import { ErrorBody } from "../../kernel/Envelope.ts"

/** A field that is not always there. */
export const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

/** The schema, with what a reader of the docs is told of it. */
export const said = <A, I>(schema: Schema.Schema<A, I>, description: string): Schema.Schema<A, I> =>
  schema.annotations({ description })

export const texts = Schema.Array(Schema.String)
export const textOrNull = Schema.NullOr(Schema.String)
export const count = Schema.Int
export const countOrNull = Schema.NullOr(count)
export const usdOrNull = Schema.NullOr(Schema.Number)

export const Time = said(Schema.String, "ISO 8601, in UTC")
export const TimeOrNull = Schema.NullOr(Time)
export const ShownCommand = said(Schema.String, "a command that runs as printed")
export const NextCursor = said(textOrNull, "what to send as `cursor` for the next page; null on the last one")
export const Replayed = said(
  Schema.Literal(true),
  "there when the idempotency key was known: nothing was done a second time"
)

/** Why something cannot be done, as the `error` of an envelope says it. */
export const Problem = ErrorBody.annotations({ identifier: "Problem" })

/** A list of something, a page at a time. */
export const paged = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct({ ...fields, next_cursor: NextCursor })
