import { isObject, type Json } from "../kernel/Json.ts"

/** Below these a model's card holds names that are its provider's or the caller's, and no words of ours. */
const foreign = new Set(["when", "sizes", "defaults", "fixed_controls", "upstream", "model_parameters"])

/** Every key of the wire that is not snake_case, by its path; empty when all are. */
export const misspelledKeys = (value: Json, path = ""): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => misspelledKeys(item, `${path}[${index}]`))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => [
    ...(/^[a-z][a-z0-9_]*$/.test(key) ? [] : [`${path}.${key}`]),
    ...(foreign.has(key) ? [] : misspelledKeys(item, `${path}.${key}`))
  ])
}
