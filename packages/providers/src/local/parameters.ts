import type { Parameter, Parameters, ValueSchema } from "@image-skill/core/catalog/Parameters"
import { isObject, type Json, JsonObject } from "@image-skill/core/kernel/Json"
import { JSONSchema, Schema } from "effect"

const numberAt = (schema: JsonObject, name: string) =>
  typeof schema[name] === "number" ? { [name]: schema[name] } : {}

const words = (value: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((word): word is string => typeof word === "string") : []

const objectSchema = (schema: JsonObject): ValueSchema => {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {}
  return {
    type: "object",
    required: words(schema["required"]),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, valueSchema(isObject(value) ? value : {})])
    )
  }
}

const valueSchema = (schema: JsonObject): ValueSchema => {
  const type = schema["type"]
  const range = { ...numberAt(schema, "minimum"), ...numberAt(schema, "maximum") }
  // Effect names whole numbers by a reference of its own; there is no other reference in these schemas.
  if (type === "integer" || schema["$ref"] !== undefined) return { type: "integer", ...range }
  if (type === "number") return { type: "number", ...range }
  if (type === "boolean") return { type: "boolean" }
  if (type === "object") return objectSchema(schema)
  if (Array.isArray(schema["enum"])) return { type: "string", enum: words(schema["enum"]) }
  const pattern = schema["pattern"]
  return { type: "string", maxLength: 200, ...(typeof pattern === "string" ? { pattern } : {}) }
}

const parameterOf = (schema: JsonObject, fallback: Json | undefined): Parameter => ({
  schema: valueSchema(schema),
  ...(typeof schema["description"] === "string" ? { description: schema["description"] } : {}),
  execution: "executable",
  ...(fallback === undefined ? {} : { default: fallback })
})

// Through text: what Effect generates is JSON, and its type does not say so.
const decodeJsonSchema = Schema.decodeUnknownSync(
  Schema.parseJson(
    Schema.Struct({ $defs: Schema.Record({ key: Schema.String, value: JsonObject }), $ref: Schema.String })
  )
)
const decodeDefaults = Schema.decodeUnknownSync(JsonObject)

/**
 * The catalogue's parameters of an edit, read off the named Schema that the edit decodes: one declaration for both.
 * Defaults are what the Schema makes of an empty object.
 */
export const parametersOf = <A, I>(schema: Schema.Schema<A, I>): Parameters => {
  const { $defs, $ref } = decodeJsonSchema(JSON.stringify(JSONSchema.make(schema, { target: "jsonSchema2020-12" })))
  const properties = $defs[$ref.slice($ref.lastIndexOf("/") + 1)]?.["properties"]
  const defaults = decodeDefaults(Schema.encodeSync(schema)(Schema.decodeUnknownSync(schema)({})))
  return Object.fromEntries(
    Object.entries(isObject(properties) ? properties : {}).map(([name, value]) => [
      name,
      parameterOf(isObject(value) ? value : {}, defaults[name])
    ])
  )
}
