import { capabilityOf, type Model, type Price } from "@image-skill/core/catalog/Model"
import type { Parameters } from "@image-skill/core/catalog/Parameters"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { ratioOfSides } from "@image-skill/core/kernel/Media"
import { parseUsd, zeroTicks } from "@image-skill/core/kernel/Money"
import { Either } from "effect"
import { editFiles } from "../openai/models.ts"
import { type ModelDefinition, slugOf } from "./definition.ts"

export const compatibleId = ProviderId.make("openai-compatible")

const source = "OPENAI_COMPATIBLE_MODELS: the operator's word"

const priceOf = (definition: ModelDefinition, asOf: string): Price => {
  const amount = definition.price_usd_per_image
  const free = { surcharges: [], source, asOf }
  if (amount === undefined) return { ...free, confidence: "unknown", rule: { kind: "unknown" }, ceiling: null }
  const ticks = Either.getOrElse(parseUsd(amount), () => zeroTicks)
  return { ...free, confidence: "known", rule: { kind: "per_image", tiers: [{ when: {}, ticks }] }, ceiling: ticks }
}

/** `1536x1024` is `3:2`: the first size of a ratio stands for it. */
const ratiosOf = (sizes: ReadonlyArray<string>): { readonly [ratio: string]: string } =>
  Object.fromEntries(
    [...sizes].reverse().map((size) => {
      const [width = 1, height = 1] = size.split("x").map(Number)
      const ratio = ratioOfSides({ width, height })
      return [`${ratio.width}:${ratio.height}`, size]
    })
  )

const parametersOf = (definition: ModelDefinition): Parameters => ({
  ...Object.fromEntries(
    Object.entries(definition.parameters).map(([name, parameter]): [string, Parameters[string]] => [
      name,
      { ...parameter, execution: "executable" }
    ])
  ),
  ...(definition.sizes[0] === undefined
    ? {}
    : {
        size: {
          schema: { type: "string", enum: definition.sizes },
          description: "Width and height in pixels",
          execution: "executable",
          default: definition.sizes[0]
        }
      }),
  ...(definition.response_format === null
    ? {}
    : {
        response_format: {
          schema: { type: "string", enum: ["b64_json", "url"] },
          execution: "fixed",
          default: definition.response_format,
          reason: "the operator has chosen how images come back"
        }
      })
})

const modelOf = (definition: ModelDefinition, operation: "create" | "edit", asOf: string): Model => {
  const isEdit = operation === "edit"
  const id = `${compatibleId}.${slugOf(definition.id)}${isEdit ? "-edit" : ""}`
  const ratios = ratiosOf(definition.sizes)
  return {
    id: ModelId.make(id),
    displayName: `${definition.display_name ?? definition.id}${isEdit ? " Edit" : ""}`,
    provider: compatibleId,
    capability: capabilityOf(isEdit ? "edit" : "generate", id),
    operations: [isEdit ? "image.edit" : "image.generate"],
    summary: `${isEdit ? "Changes an image by a prompt" : "Draws what a prompt says"}, on the operator's own server`,
    taskTags: [operation, "self-hosted"],
    execution:
      definition.price_usd_per_image === undefined
        ? { cataloged: "the operator has given no price_usd_per_image for it; 0 says that it is free" }
        : "executable",
    input: {
      prompt: "required",
      promptCharactersMax: definition.prompt_characters_max,
      image: isEdit ? "required" : "none",
      mask: isEdit && definition.mask ? "optional" : "none",
      references: null,
      ...(isEdit ? { files: editFiles } : {})
    },
    output: {
      mediaTypes: ["image/png", "image/jpeg", "image/webp"],
      outputsMax: definition.outputs_max,
      outputsPerCall: definition.outputs_max,
      countParameter: "n",
      size: definition.sizes.length === 0 ? { kind: "unknown" } : { kind: "parameter", name: "size", presets: {} },
      resolutionMax: definition.sizes.at(-1) ?? "unknown",
      repliesWithUrls: definition.response_format === "url"
    },
    aspectRatio: definition.sizes.length === 0 ? { kind: "none" } : { kind: "sizes", name: "size", sizes: ratios },
    parameters: parametersOf(definition),
    price: priceOf(definition, asOf),
    repeatable: false,
    deadlineMillis: definition.seconds_max * 1000,
    latency: "medium",
    quality: definition.quality,
    lifecycle: { status: "listed", endsOn: null, replacement: null, note: null },
    safety: { refusalBilled: false, note: "as the operator's server does" },
    migrationHints: [],
    provenance: "generative_model",
    upstream: { method: "POST", model: definition.id, url: isEdit ? "/images/edits" : "/images/generations" }
  }
}

/** Each operation of each definition is a model. `asOf`: the day on which the operator's prices were read. */
export const modelsOf = (definitions: ReadonlyArray<ModelDefinition>, asOf: string): ReadonlyArray<Model> =>
  definitions.flatMap((definition) =>
    [...new Set(definition.operations)].map((operation) => modelOf(definition, operation, asOf))
  )
