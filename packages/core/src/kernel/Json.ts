import { Schema } from "effect"
import { type Json as AnyJson, type JsonObject as AnyObject, depthMax, isJson, isJsonObject } from "./JsonValue.ts"

export { canonical, isObject, ownValue } from "./JsonValue.ts"

export type Json = AnyJson

export type JsonObject = AnyObject

/** At most 64 levels deep, without keys named `__proto__`. Checked as it is, and not copied. */
export const Json: Schema.Schema<Json> = Schema.declare((value): value is AnyJson => isJson(value), {
  identifier: "Json",
  jsonSchema: { type: ["string", "number", "boolean", "null", "array", "object"] }
})

export const JsonObject: Schema.Schema<JsonObject> = Schema.declare(isJsonObject, {
  identifier: "JsonObject",
  jsonSchema: { type: "object" },
  message: () => `a JSON object of at most ${depthMax} levels, without keys named __proto__, is expected`
})
