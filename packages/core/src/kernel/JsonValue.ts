// Pure and nothing imported: the CLI asks a server with it, without a schema.

/** Any JSON value. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

/** Levels of a value that is taken. */
export const depthMax = 64

export const isJson = (value: unknown, depth = depthMax): value is Json => {
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

/** A JSON object of at most 64 levels, without keys named `__proto__`. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && isJson(value)

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
 * import { canonical } from "@image-skill/core/kernel/JsonValue"
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
