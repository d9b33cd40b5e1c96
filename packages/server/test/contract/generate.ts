import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import * as FastCheck from "effect/FastCheck"

/** Values that a schema allows, and values that it does not, as callers may send either. */
type Values = FastCheck.Arbitrary<Json>

const list = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? [...value] : [])
const object = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
const number = (value: Json | undefined, other: number) => (typeof value === "number" ? value : other)

/** What has broken parsers, stores and logs before. */
const hostileTexts = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202e",
  "..",
  "../../etc/passwd",
  "%00",
  "%",
  "' OR 1=1 --",
  "${7*7}",
  "{{7*7}}",
  "<script>",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "-0",
  "1e999",
  "9007199254740993",
  "🜁".repeat(40),
  "x".repeat(5_000),
  "isk_r_0",
  "c999999999999999",
  "\r\nx-image-skill-exit-code: 0"
]

const anything: Values = FastCheck.oneof(
  FastCheck.constantFrom<Json>(null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, [], {}, [[[]]]),
  FastCheck.constantFrom<Json>(...hostileTexts),
  FastCheck.constantFrom<Json>({ constructor: 1 }, { toString: null }, [null, {}, "x"])
)

export interface Contract {
  readonly schemas: JsonObject
  /** Texts that mean something to the house where they are sent in this field: ids of models, jobs and assets. */
  readonly knownOf: (field: string) => ReadonlyArray<string>
}

const textOf = (schema: JsonObject, { knownOf }: Contract, field: string): Values => {
  const most = Math.min(number(schema["maxLength"], 60), 60)
  return FastCheck.oneof(
    { weight: 8, arbitrary: FastCheck.constantFrom<Json>(...knownOf(field)) },
    { weight: 2, arbitrary: FastCheck.string({ minLength: number(schema["minLength"], 0), maxLength: most }) },
    { weight: 1, arbitrary: FastCheck.string({ unit: "binary", maxLength: most }) }
  )
}

const prefix = "#/components/schemas/"

/** Values of a schema, most of them right. */
export const valuesOf = (schema: JsonObject, contract: Contract, field = ""): Values => {
  const reference = schema["$ref"]
  if (typeof reference === "string") {
    return valuesOf(object(contract.schemas[reference.slice(prefix.length)]), contract, field)
  }
  const choices = [...list(schema["anyOf"]), ...list(schema["oneOf"])]
  if (choices.length > 0) {
    return FastCheck.oneof(
      ...choices.map((one) => ({
        // Without a model the house draws a picture, which takes a second.
        weight: object(one)["type"] === "null" ? 1 : field === "model" ? 60 : 6,
        arbitrary: valuesOf(object(one), contract, field)
      }))
    )
  }
  const literals = [...list(schema["enum"]), ...(schema["const"] === undefined ? [] : [schema["const"]])]
  if (literals.length > 0) return FastCheck.constantFrom(...literals)
  const { type } = schema
  switch (typeof type === "string" ? type : "") {
    case "integer":
      return FastCheck.integer({
        min: number(schema["minimum"], 0),
        max: Math.min(number(schema["maximum"], 1000), 1000)
      })
    case "number":
      return FastCheck.oneof(
        FastCheck.integer({ min: 0, max: 3 }),
        FastCheck.double({ min: 0, max: 100, noNaN: true }).map((value) => Number(value.toFixed(3)))
      )
    case "boolean":
      return FastCheck.boolean()
    case "array":
      return FastCheck.array(valuesOf(object(schema["items"]), contract, field), { maxLength: 3 })
    case "object":
      return recordOf(schema, contract)
    case "string":
      return textOf(schema, contract, field)
    default:
      return anything
  }
}

/** Without these a request gets nowhere; the others are seldom together in one. */
const likely = /^(prompt|model|input_asset_id|title|body|credits|argv|bytes_base64)$/

const recordOf = (schema: JsonObject, contract: Contract): Values => {
  const required = list(schema["required"])
  const fields = Object.entries(object(schema["properties"])).map(([name, property]) => {
    const isLikely = required.includes(name) || likely.test(name)
    return FastCheck.oneof(
      { weight: isLikely ? 1 : 8, arbitrary: FastCheck.constant(undefined) },
      { weight: isLikely ? 40 : 1, arbitrary: valuesOf(object(property), contract, name) }
    ).map((value) => [name, value] as const)
  })
  return FastCheck.tuple(...fields).map(
    (entries): Json =>
      Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
  )
}

/** The same with one field replaced, added or taken away. */
export const broken = (values: Values): Values =>
  FastCheck.tuple(values, anything, FastCheck.nat(50), FastCheck.constantFrom("replace", "add", "drop", "whole")).map(
    ([value, other, at, how]): Json => {
      if (!isObject(value) || how === "whole") return other
      const names = Object.keys(value)
      const name = names[at % Math.max(1, names.length)] ?? "x"
      if (how === "add") return { ...value, [`x${name}`]: other }
      if (how === "replace") return { ...value, [name]: other }
      return Object.fromEntries(Object.entries(value).filter(([one]) => one !== name))
    }
  )

/** One part of a URL or a header, as it may come over the wire. */
export const wordsOf = (schema: JsonObject, contract: Contract, field: string): FastCheck.Arbitrary<string> =>
  FastCheck.oneof(
    { weight: 3, arbitrary: valuesOf(schema, contract, field).map(String) },
    { weight: 1, arbitrary: FastCheck.constantFrom(...hostileTexts) }
  )
