import { doesCreate, type Model } from "@image-skill/core/catalog/Model"
import type { ValueSchema } from "@image-skill/core/catalog/Parameters"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import { AspectRatio } from "@image-skill/core/kernel/Media"
import { Schema } from "effect"

/** What a request asks of a model, beyond what it cannot do without. */
export interface Case {
  readonly aspectRatio: AspectRatio
  readonly outputCount: number
  readonly parameters: JsonObject
}

/** Every value of what has a list of them, and the ends of what has a range. */
const valuesOf = (schema: ValueSchema): ReadonlyArray<Json> => {
  if ("anyOf" in schema) return schema.anyOf.flatMap(valuesOf)
  switch (schema.type) {
    case "boolean":
      return [true, false]
    case "string":
      return schema.enum ?? []
    case "integer":
    case "number":
      return [schema.minimum, schema.maximum].filter((value) => value !== undefined)
    case "array":
    case "object":
      return []
  }
}

/** Each executable parameter with each of its values, one at a time, after none at all. */
export const settings = (model: Model): ReadonlyArray<JsonObject> => [
  {},
  ...Object.entries(model.parameters).flatMap(([name, { execution, schema }]) =>
    execution === "executable" ? valuesOf(schema).map((value) => ({ [name]: value })) : []
  )
]

const ratioOf = Schema.decodeUnknownSync(AspectRatio)

const ratios = ({ aspectRatio: control }: Model): ReadonlyArray<string> => {
  switch (control.kind) {
    case "none":
      return []
    case "parameter":
      return control.values
    case "sizes":
      return Object.keys(control.sizes)
    case "dimensions":
      return ["16:9", "2:3", "3:1", "1:9"]
  }
}

const countsMost = 10

/** Requests that differ from the plain one in one thing: a parameter, the ratio, the count. The plain one is first. */
export const cases = (model: Model): ReadonlyArray<Case> => {
  const plain = { aspectRatio: ratioOf(doesCreate(model) ? "1:1" : "auto"), outputCount: 1, parameters: {} }
  const counts = Array.from({ length: Math.min(countsMost, model.output.outputsMax) - 1 }, (_, index) => index + 2)
  return [
    ...settings(model).map((parameters) => ({ ...plain, parameters })),
    ...ratios(model).map((ratio) => ({ ...plain, aspectRatio: ratioOf(ratio) })),
    ...counts.map((outputCount) => ({ ...plain, outputCount }))
  ]
}
