import { isObject, type JsonObject } from "@image-skill/core/kernel/Json"

/** One field of an answer's `data`, as an object; empty when it is none. */
export const objectIn = (data: JsonObject | null, name: string): JsonObject => {
  const value = data?.[name]
  return isObject(value) ? value : {}
}

/** One field as text; null when it is none. */
export const textIn = (object: JsonObject, name: string): string | null => {
  const value = object[name]
  return typeof value === "string" ? value : null
}
