import { Either, Schema } from "effect"
import type { Issue } from "../kernel/Errors.ts"
import { isObject, Json, type JsonObject, ownValue } from "../kernel/Json.ts"
import { quoted } from "../kernel/Quote.ts"

const Description = Schema.optional(Schema.String)

/**
 * What a value may be: the subset of JSON Schema 2020-12 that model parameters need. It is data, so that one
 * declaration serves validation, the schema on the wire and the docs.
 */
export type ValueSchema =
  | { readonly type: "integer"; readonly minimum?: number; readonly maximum?: number; readonly multipleOf?: number }
  | { readonly type: "number"; readonly minimum?: number; readonly maximum?: number }
  | {
      readonly type: "string"
      readonly enum?: ReadonlyArray<string>
      readonly maxLength?: number
      readonly pattern?: string
    }
  | { readonly type: "boolean" }
  | { readonly type: "array"; readonly items: ValueSchema; readonly maxItems: number }
  | {
      readonly type: "object"
      readonly properties: { readonly [name: string]: ValueSchema }
      readonly required: ReadonlyArray<string>
    }
  | { readonly anyOf: ReadonlyArray<ValueSchema> }

export const ValueSchema: Schema.Schema<ValueSchema> = Schema.suspend(() =>
  Schema.Union(
    Schema.Struct({
      type: Schema.Literal("integer"),
      minimum: Schema.optionalWith(Schema.Int, { exact: true }),
      maximum: Schema.optionalWith(Schema.Int, { exact: true }),
      multipleOf: Schema.optionalWith(Schema.Int, { exact: true })
    }),
    Schema.Struct({
      type: Schema.Literal("number"),
      minimum: Schema.optionalWith(Schema.Number, { exact: true }),
      maximum: Schema.optionalWith(Schema.Number, { exact: true })
    }),
    Schema.Struct({
      type: Schema.Literal("string"),
      enum: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
      maxLength: Schema.optionalWith(Schema.Int, { exact: true }),
      pattern: Schema.optionalWith(Schema.String, { exact: true })
    }),
    Schema.Struct({ type: Schema.Literal("boolean") }),
    Schema.Struct({ type: Schema.Literal("array"), items: ValueSchema, maxItems: Schema.Int }),
    Schema.Struct({
      type: Schema.Literal("object"),
      properties: Schema.Record({ key: Schema.String, value: ValueSchema }),
      required: Schema.Array(Schema.String)
    }),
    Schema.Struct({ anyOf: Schema.Array(ValueSchema) })
  )
)

/**
 * One control of a model, named as its provider names it.
 * `executable` reaches the provider; `cataloged` is shown and refused; `fixed` is always sent as it is, and refused.
 */
export const Parameter = Schema.Struct({
  schema: ValueSchema,
  description: Description,
  execution: Schema.Literal("executable", "cataloged", "fixed"),
  /** Why a cataloged or fixed parameter cannot be set. */
  reason: Schema.optional(Schema.String),
  /** Our default: sent when the caller gives none. For `fixed`, the value. */
  default: Schema.optional(Json),
  /** What the provider documents that it uses when nothing is sent. */
  providerDefault: Schema.optional(Json),
  /**
   * Holds words of the caller's own. Not given: it does where its schema takes a text
   * that is neither one of a list nor of a fixed form.
   */
  sensitive: Schema.optional(Schema.Boolean)
})
export type Parameter = typeof Parameter.Type

export type Parameters = { readonly [name: string]: Parameter }

const atLeast = (minimum: number | undefined, maximum: number | undefined) =>
  minimum !== undefined && maximum !== undefined
    ? ` from ${minimum} to ${maximum}`
    : minimum !== undefined
      ? ` of at least ${minimum}`
      : maximum !== undefined
        ? ` of at most ${maximum}`
        : ""

/** In words: "an integer from 0 to 10", "one of low, medium, high". */
export const describe = (schema: ValueSchema): string => {
  if ("anyOf" in schema) return schema.anyOf.map(describe).join(", or ")
  switch (schema.type) {
    case "integer":
      return `an integer${atLeast(schema.minimum, schema.maximum)}${
        schema.multipleOf === undefined ? "" : ` in steps of ${schema.multipleOf}`
      }`
    case "number":
      return `a number${atLeast(schema.minimum, schema.maximum)}`
    case "boolean":
      return "true or false"
    case "array":
      return `a list of at most ${schema.maxItems}: each ${describe(schema.items)}`
    case "object":
      return `an object {${Object.keys(schema.properties).join(", ")}}`
    case "string":
      return schema.enum !== undefined
        ? `one of ${schema.enum.join(", ")}`
        : `a text${schema.pattern === undefined ? "" : ` like ${schema.pattern}`}${schema.maxLength === undefined ? "" : ` of at most ${schema.maxLength} characters`}`
  }
}

type TextSchema = Extract<ValueSchema, { type: "string" }>

const takesText = (schema: ValueSchema, isMeant: (text: TextSchema) => boolean): boolean => {
  if ("anyOf" in schema) return schema.anyOf.some((one) => takesText(one, isMeant))
  switch (schema.type) {
    case "string":
      return isMeant(schema)
    case "array":
      return takesText(schema.items, isMeant)
    case "object":
      return Object.values(schema.properties).some((one) => takesText(one, isMeant))
    case "boolean":
    case "integer":
    case "number":
      return false
  }
}

/** Whether a text may be the caller's own words, such as a second prompt, and is no choice among ours. */
const isFreeText = (schema: ValueSchema): boolean => takesText(schema, (text) => text.enum === undefined)

/** A text of a fixed form, such as a colour, has no room for words. */
const holdsWords = (schema: ValueSchema): boolean =>
  takesText(schema, (text) => text.enum === undefined && text.pattern === undefined)

/**
 * Whether what a caller gives here is theirs alone, as a prompt is: it reaches the provider, and no receipt, answer or
 * event repeats it.
 */
export const isSensitive = (parameter: Parameter): boolean => parameter.sensitive ?? holdsWords(parameter.schema)

/** What stands in a receipt for a value that is the caller's own. */
export const redacted = "[redacted]"

/** A wrong value in words. The caller's own words are counted and not repeated: they may be a prompt. */
const show = (schema: ValueSchema, value: Json): string => {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (isObject(value)) return "an object"
  return typeof value === "string" && isFreeText(schema)
    ? `a text of ${charactersOf(value)} characters`
    : quoted(JSON.stringify(value))
}

const wrong = (path: string, schema: ValueSchema, value: Json): ReadonlyArray<Issue> => [
  { path, message: `${path} is ${show(schema, value)}; allowed: ${describe(schema)}` }
]

/** As JSON Schema counts them: a character outside the basic plane is one. */
const charactersOf = (text: string): number => Array.from(text).length

const inRange = (value: number, schema: { readonly minimum?: number; readonly maximum?: number }) =>
  Number.isFinite(value) &&
  (schema.minimum === undefined || value >= schema.minimum) &&
  (schema.maximum === undefined || value <= schema.maximum)

/** Every way in which a value breaks a schema; empty when it fits. Total. */
export const check = (path: string, schema: ValueSchema, value: Json): ReadonlyArray<Issue> => {
  if ("anyOf" in schema) {
    return schema.anyOf.some((one) => check(path, one, value).length === 0) ? [] : wrong(path, schema, value)
  }
  switch (schema.type) {
    case "integer":
      return typeof value === "number" &&
        Number.isSafeInteger(value) &&
        inRange(value, schema) &&
        value % (schema.multipleOf ?? 1) === 0
        ? []
        : wrong(path, schema, value)
    case "number":
      return typeof value === "number" && inRange(value, schema) ? [] : wrong(path, schema, value)
    case "boolean":
      return typeof value === "boolean" ? [] : wrong(path, schema, value)
    case "string":
      return typeof value === "string" &&
        (schema.enum === undefined || schema.enum.includes(value)) &&
        charactersOf(value) <= (schema.maxLength ?? Number.POSITIVE_INFINITY) &&
        (schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value))
        ? []
        : wrong(path, schema, value)
    case "array":
      return Array.isArray(value) && value.length <= schema.maxItems
        ? value.flatMap((item: Json, index) => check(`${path}[${index}]`, schema.items, item))
        : wrong(path, schema, value)
    case "object":
      return checkObject(path, schema, value)
  }
}

const checkObject = (path: string, schema: Extract<ValueSchema, { type: "object" }>, value: Json) => {
  if (!isObject(value)) return wrong(path, schema, value)
  const missing = schema.required.filter((name) => value[name] === undefined)
  return [
    ...missing.map((name) => ({ path: `${path}.${name}`, message: `${path}.${name} is required` })),
    ...Object.entries(value).flatMap(([name, item]) => {
      const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
      return property === undefined
        ? [
            {
              path: `${path}.${quoted(name)}`,
              message: `${path} has no field "${quoted(name)}"; it has ${Object.keys(schema.properties).join(", ")}`
            }
          ]
        : check(`${path}.${name}`, property, item)
    })
  ]
}

/** Where an effective value came from: the receipt says so for each. */
export type ParameterSource = "explicit" | "default_policy" | "provider_default"

export interface EffectiveParameter {
  readonly value: Json
  readonly source: ParameterSource
}

export type ParametersProblem =
  | { readonly _tag: "Invalid"; readonly issues: ReadonlyArray<Issue> }
  | { readonly _tag: "NotExecutable"; readonly name: string; readonly reason: string }

/**
 * The parameters that a request really has: what it gave, then ours, then what the provider documents.
 * Fails closed: an unknown, cataloged or fixed name is an error, never dropped.
 */
export const effective = (
  declared: Parameters,
  given: JsonObject
): Either.Either<{ readonly [name: string]: EffectiveParameter }, ParametersProblem> => {
  const names = Object.keys(declared)
  const issues: Array<Issue> = []
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(declared, name) ? declared[name] : undefined
    if (parameter === undefined) {
      const allowed = names.filter((other) => declared[other]?.execution === "executable")
      issues.push({
        path: quoted(name),
        message: `"${quoted(name)}" is no parameter of this model; it has ${allowed.length === 0 ? "none" : allowed.join(", ")}`
      })
    } else if (parameter.execution !== "executable") {
      return Either.left({
        _tag: "NotExecutable",
        name,
        reason: parameter.reason ?? (parameter.execution === "fixed" ? "it is fixed" : "it is cataloged only")
      })
    } else {
      issues.push(...check(name, parameter.schema, value))
    }
  }
  if (issues.length > 0) return Either.left({ _tag: "Invalid", issues })
  const result: Record<string, EffectiveParameter> = {}
  for (const name of names) {
    const parameter = declared[name]
    if (parameter === undefined || parameter.execution === "cataloged") continue
    const explicit = ownValue(given, name)
    if (explicit !== undefined) result[name] = { value: explicit, source: "explicit" }
    else if (parameter.default !== undefined) result[name] = { value: parameter.default, source: "default_policy" }
    else if (parameter.providerDefault !== undefined) {
      result[name] = { value: parameter.providerDefault, source: "provider_default" }
    }
  }
  return Either.right(result)
}

/** The same declaration as JSON Schema 2020-12, each property annotated `x-execution`. */
export const toJsonSchema = (declared: Parameters): JsonObject => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => [
      name,
      {
        ...valueJsonSchema(parameter.schema),
        ...(parameter.description === undefined ? {} : { description: parameter.description }),
        ...(parameter.execution === "fixed"
          ? { const: parameter.default ?? null }
          : parameter.default === undefined
            ? parameter.providerDefault === undefined
              ? {}
              : { default: parameter.providerDefault }
            : { default: parameter.default }),
        "x-execution": parameter.execution,
        ...(isSensitive(parameter) ? { "x-sensitive": true } : {}),
        ...(parameter.reason === undefined ? {} : { "x-execution-reason": parameter.reason })
      }
    ])
  )
})

const valueJsonSchema = (schema: ValueSchema): JsonObject => {
  if ("anyOf" in schema) return { anyOf: schema.anyOf.map(valueJsonSchema) }
  if (schema.type === "array") return { type: "array", items: valueJsonSchema(schema.items), maxItems: schema.maxItems }
  if (schema.type === "object") {
    return {
      type: "object",
      additionalProperties: false,
      required: schema.required,
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, value]) => [name, valueJsonSchema(value)])
      )
    }
  }
  return { ...schema }
}
