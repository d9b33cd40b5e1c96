import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import { Schema } from "effect"
import { code, escaped, link, prose, table, tag } from "./html.ts"

const asJson = Schema.decodeUnknownSync(Schema.parseJson())

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What is written is read again: the document's schemas are typed more loosely than JSON. */
export const plain = (value: unknown): JsonObject => {
  const read: unknown = asJson(JSON.stringify(value ?? {}))
  return isJsonObject(read) ? read : {}
}

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

export const listOf = (value: Json | undefined): ReadonlyArray<Json> => (isList(value) ? value : [])

export const plainText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value))

const componentPrefix = "#/components/schemas/"

/** The name of a component that is referred to; null where the schema is another. */
export const nameOf = (schema: JsonObject): string | null => {
  const reference = schema["$ref"]
  return typeof reference === "string" ? reference.slice(componentPrefix.length) : null
}

const choicesOf = (schema: JsonObject): ReadonlyArray<JsonObject> =>
  [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])].map(objectOf)

/** What a value is where it is not null. */
const withoutNull = (schema: JsonObject): JsonObject => {
  const [only, ...others] = choicesOf(schema).filter((choice) => choice["type"] !== "null")
  return only === undefined || others.length > 0 ? schema : only
}

/** A type in a few words; a named one as a link. */
export const typeWords = (schema: JsonObject): string => {
  const name = nameOf(schema)
  if (name !== null) return link(`schema-${name}`, name)
  const choices = choicesOf(schema).map(typeWords)
  if (choices.length > 0) return choices.join(" or ")
  const values = isList(schema["enum"]) ? schema["enum"] : schema["const"] === undefined ? [] : [schema["const"]]
  if (values.length > 0) return values.map((value) => code(JSON.stringify(value))).join(" ")
  if (schema["type"] === "array") {
    const items = objectOf(schema["items"])
    return Object.keys(items).length === 0 ? "list" : `list of ${typeWords(items)}`
  }
  const types = isList(schema["type"]) ? schema["type"] : [schema["type"] ?? "anything"]
  return escaped(types.map(plainText).join(" or "))
}

const within = (least: Json | undefined, most: Json | undefined, unit: string): string => {
  const bound = typeof most === "number" && most < Number.MAX_SAFE_INTEGER ? most : undefined
  if (typeof least !== "number") return bound === undefined ? "" : `at most ${bound}${unit}`
  return bound === undefined ? `at least ${least}${unit}` : `${least} to ${bound}${unit}`
}

const limitsOf = (schema: JsonObject): string =>
  [
    within(schema["minimum"], schema["maximum"], ""),
    typeof schema["exclusiveMinimum"] === "number" ? `above ${schema["exclusiveMinimum"]}` : "",
    within(schema["minLength"], schema["maxLength"], " characters"),
    within(schema["minItems"], schema["maxItems"], " items"),
    schema["pattern"] === undefined ? "" : `matches ${code(plainText(schema["pattern"]))}`
  ]
    .filter((words) => words !== "")
    .join(", ")

const wordsOf = (schema: JsonObject) => (typeof schema["description"] === "string" ? prose(schema["description"]) : "")

/** What it is, and within which limits. `said` is used where the schema itself says nothing. */
export const notesOf = (schema: JsonObject, said = ""): string =>
  [wordsOf(schema) || prose(said), limitsOf(withoutNull(schema))].filter((words) => words !== "").join("; ")

/** Fields one below the other; those of nested objects with their path. */
const fieldRows = (schema: JsonObject, path = ""): ReadonlyArray<ReadonlyArray<string>> => {
  const needed = listOf(schema["required"])
  return Object.entries(objectOf(schema["properties"])).flatMap(([name, value]) => {
    const field = objectOf(value)
    const here = `${path}${name}`
    const one = withoutNull(field)
    const [inner, below] =
      one["type"] === "array" ? [withoutNull(objectOf(one["items"])), `${here}[].`] : [one, `${here}.`]
    const row = [
      code(here) + (needed.includes(name) ? "" : " <small>optional</small>"),
      typeWords(field),
      notesOf(field)
    ]
    return [row, ...fieldRows(inner, below)]
  })
}

/** All of a schema: its fields, or what it is where it has none. */
export const fields = (schema: JsonObject): string =>
  table(["field", "type", ""], fieldRows(schema)) ||
  tag("p", [typeWords(schema), limitsOf(schema)].filter((words) => words !== "").join("; "))
