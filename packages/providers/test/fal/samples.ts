import type { Model } from "@image-skill/core/catalog/Model"
import { doesCreate } from "@image-skill/core/catalog/Model"
import type { ValueSchema } from "@image-skill/core/catalog/Parameters"
import type { Reference } from "@image-skill/core/catalog/References"
import { AssetId, AttemptId } from "@image-skill/core/kernel/Ids"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import type { CallImage, ProviderCall } from "@image-skill/core/provider/Provider"
import { Redacted } from "effect"
import { models as allModels, routes } from "../../src/fal/models.ts"
import { png } from "./emulator.ts"

const models = allModels()

export const executable = models.filter((model) => model.execution === "executable")

/** What its way to fal and back depends on. */
const kindOf = ({ id, input, price }: Model): string => {
  const { bytesMax, endpoint, unitTicks, ...fields } = routes().get(id) ?? { endpoint: id }
  return JSON.stringify([Object.keys(fields).sort(), input.references?.kind, price.confidence])
}

/** One model of each kind: what a quick test runs in place of all. */
export const ofEachKind = [...new Map(executable.map((model) => [kindOf(model), model])).values()]

export const modelOf = (id: string): Model => {
  const model = models.find((one) => one.id === id)
  if (model === undefined) throw new Error(`there is no model ${id}`)
  return model
}

const numberIn = (schema: { readonly minimum?: number; readonly maximum?: number }) =>
  schema.minimum ?? schema.maximum ?? 1

/** Some values that a schema takes: every word of a list, one of anything else. */
export const valuesOf = (schema: ValueSchema): ReadonlyArray<Json> => {
  if ("anyOf" in schema) return schema.anyOf.flatMap(valuesOf)
  switch (schema.type) {
    case "boolean":
      return [true, false]
    case "integer":
      return [Math.max(numberIn(schema), Math.min(1024, schema.maximum ?? 1024))]
    case "number":
      return [numberIn(schema)]
    case "string":
      return schema.enum ?? ["some words"]
    case "array":
      return [valuesOf(schema.items).slice(0, 1)]
    case "object":
      return [
        Object.fromEntries(
          Object.entries(schema.properties).map(([name, one]): [string, Json] => [name, valuesOf(one)[0] ?? 0])
        )
      ]
  }
}

/** Parameters of a model one at a time, each with each of its values. */
export const singles = (model: Model): ReadonlyArray<JsonObject> =>
  Object.entries(model.parameters)
    .filter(([, one]) => one.execution === "executable")
    .flatMap(([name, one]) => valuesOf(one.schema).map((value) => ({ [name]: value })))

/** What a request must give, because the provider has no default for it. */
export const neededBy = (model: Model): JsonObject => {
  const names = (model.constraints ?? []).flatMap((one) => (one.kind === "one_of" ? [...one.names] : []))
  const isList = (name: string) => {
    const schema = model.parameters[name]?.schema
    return schema !== undefined && "type" in schema && schema.type === "array"
  }
  return Object.fromEntries(names.map((name): [string, Json] => [name, isList(name) ? [1200, 800] : "square_hd"]))
}

export const image = (width = 320, height = 320): CallImage => ({
  bytes: new Uint8Array(png(width, height)),
  mediaType: "image/png",
  width,
  height,
  provenance: "uploaded"
})

const reference = (index: number, role: Reference["role"], more: Partial<Reference> = {}) => ({
  reference: { asset_id: AssetId.make(`image_${role}_${index}`), role, index, ...more },
  image: image()
})

/** References as a model takes them: as many as make its fields differ. */
export const referencesOf = (model: Model): ProviderCall["references"] => {
  const rules = model.input.references
  if (rules === null) return []
  if (rules.kind === "elements") {
    return [
      reference(0, "element_frontal"),
      reference(0, "element_reference", { reference_index: 0 }),
      reference(0, "element_reference", { reference_index: 1 }),
      reference(1, "element_frontal")
    ]
  }
  const [task] = rules.tasks
  return Array.from({ length: Math.min(2, rules.indexesMax) }, (_, index) =>
    reference(index, "reference_image", task === undefined ? {} : { reference_task: task })
  )
}

export const callOf = (model: Model, changes: Partial<ProviderCall> = {}): ProviderCall => ({
  attemptId: AttemptId.make("att_1"),
  model,
  operation: doesCreate(model) ? "create" : "edit",
  prompt: model.input.prompt === "required" ? Redacted.make("a lighthouse in a storm") : null,
  parameters: neededBy(model),
  outputs: 1,
  index: 0,
  image: model.input.image === "required" ? image() : null,
  mask: model.input.mask === "none" ? null : image(),
  references: [],
  ...changes
})
