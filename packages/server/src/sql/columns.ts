import { Schema } from "effect"

/** A field that stands in a column of another name. */
export const column = <A, I, R>(name: string, schema: Schema.Schema<A, I, R>) =>
  Schema.propertySignature(schema).pipe(Schema.fromKey(name))

/** A value kept as JSON text; a null value is the text `null`, so that no column is of two kinds. */
export const json = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.parseJson(schema)

export const Flag = Schema.transform(Schema.Literal(0, 1), Schema.Boolean, {
  strict: true,
  decode: (flag) => flag === 1,
  encode: (flag) => (flag ? 1 : 0)
})

/** Every list pages by it, newest first. */
export const Sequenced = Schema.Struct({ sequence: Schema.Int })

/** Below this a page without a cursor starts. */
export const sequenceMax = Number.MAX_SAFE_INTEGER
