import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/JsonValue"

/** One field of an answer's `data`, as an object; empty when it is none. */
export const objectIn = (data: JsonObject | null, name: string): JsonObject => {
  const value = data?.[name]
  return isObject(value) ? value : {}
}

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

/** The objects in a field's list; none when it is no list. */
export const objectsIn = (data: JsonObject | null, name: string): ReadonlyArray<JsonObject> => {
  const value = data?.[name]
  return isList(value) ? value.filter(isObject) : []
}

/** One field as text; null when it is none. */
export const textIn = (object: JsonObject, name: string): string | null => {
  const value = object[name]
  return typeof value === "string" ? value : null
}
