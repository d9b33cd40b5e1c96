import type { Model } from "../../catalog/Model.ts"
import type { ValueSchema } from "../../catalog/Parameters.ts"
import type { Json, JsonObject } from "../../kernel/Json.ts"

const within = (wanted: number, { minimum, maximum }: { readonly minimum?: number; readonly maximum?: number }) =>
  Math.min(Math.max(wanted, minimum ?? wanted), maximum ?? wanted)

/** A value that the schema allows, chosen to mean something where it can: sides of 1024, twice, the first word. */
const sampleOf = (schema: ValueSchema): Json => {
  if ("anyOf" in schema) return schema.anyOf[0] === undefined ? null : sampleOf(schema.anyOf[0])
  switch (schema.type) {
    case "integer":
      return within(1024, schema)
    case "number":
      return within(2, schema)
    case "boolean":
      return true
    case "string":
      return schema.enum?.[0] ?? "text"
    case "array":
      return Array.from({ length: schema.maxItems }, () => sampleOf(schema.items))
    case "object":
      return Object.fromEntries(Object.entries(schema.properties).map(([name, value]) => [name, sampleOf(value)]))
  }
}

/** What a request with this model must give besides its prompt and its images: one of each group that needs one. */
export const exampleParameters = (model: Model): JsonObject => {
  const parameterOf = (name: string) => (Object.hasOwn(model.parameters, name) ? model.parameters[name] : undefined)
  const hasValue = (name: string) => {
    const parameter = parameterOf(name)
    return parameter?.default !== undefined || parameter?.providerDefault !== undefined
  }
  const needed = (model.constraints ?? []).flatMap((one) =>
    one.kind === "one_of" && !one.names.some(hasValue) ? [one.names[0]] : []
  )
  return Object.fromEntries(
    needed.flatMap((name): ReadonlyArray<[string, Json]> => {
      const parameter = parameterOf(name)
      return parameter === undefined ? [] : [[name, sampleOf(parameter.schema)]]
    })
  )
}
