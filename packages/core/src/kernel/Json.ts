import { Schema } from "effect"

/** Any JSON value. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

const depthMax = 64

const isJson = (value: unknown, depth: number): value is Json => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value === "number") return Number.isFinite(value)
  if (typeof value !== "object" || depth === 0) return false
  // As an own key it would become the prototype of the first copy that is made of the object.
  if (Object.hasOwn(value, "__proto__")) return false
  // A loop, as `every` would make a function at each level, and V8 compiles each of them anew.
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (!isJson(item, depth - 1)) return false
  }
  return true
}

/** At most 64 levels deep, without keys named `__proto__`. Checked as it is, and not copied. */
export const Json: Schema.Schema<Json> = Schema.declare((value): value is Json => isJson(value, depthMax), {
  identifier: "Json",
  jsonSchema: { type: ["string", "number", "boolean", "null", "array", "object"] }
})

export const JsonObject: Schema.Schema<JsonObject> = Schema.declare(
  (value): value is JsonObject =>
    typeof value === "object" && value !== null && !Array.isArray(value) && isJson(value, depthMax),
  {
    identifier: "JsonObject",
    jsonSchema: { type: "object" },
    message: () => `a JSON object of at most ${depthMax} levels, without keys named __proto__, is expected`
  }
)

/** The own value of a key: what a caller wrote, and never what an object inherits. */
export const ownValue = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * JSON with sorted keys: equal values give equal text, so that bodies can be compared and hashed.
 *
 * @example
 * ```ts
 * import { canonical } from "@image-skill/core/kernel/Json"
 * canonical({ b: 1, a: [true] }) // => {"a":[true],"b":1}
 * ```
 */
export const canonical = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`)
    .join(",")}}`
}
