import { Either, Option } from "effect"
import { doesCreate, type Model } from "../catalog/Model.ts"
import { effective, toJsonSchema } from "../catalog/Parameters.ts"
import type { Json, JsonObject } from "../kernel/Json.ts"
import { type CreditMultiplier, creditsFor, UsdTicks, usdOf } from "../kernel/Money.ts"
import { estimate, expectedSize, imageTokens } from "../pricing/Pricing.ts"
import { ratiosOf } from "./internal/aspectRatios.ts"
import { aspectRatioJson, filesJson, referencesJson } from "./internal/cardParts.ts"
import { constraintsSchema, constraintWords } from "./internal/constraintWords.ts"
import { exampleParameters } from "./internal/exampleParameters.ts"

export type ModelStatus = "available" | "unconfigured" | "cataloged" | "retired"

export const statusOf = (model: Model, configured: boolean, today: string): ModelStatus =>
  model.lifecycle.status === "retired" || (model.lifecycle.endsOn !== null && model.lifecycle.endsOn <= today)
    ? "retired"
    : model.execution !== "executable"
      ? "cataloged"
      : configured
        ? "available"
        : "unconfigured"

const defaultParameters = (model: Model): JsonObject =>
  Either.match(effective(model.parameters, {}), {
    onLeft: () => ({}),
    onRight: (all) => Object.fromEntries(Object.entries(all).map(([name, { value }]): [string, Json] => [name, value]))
  })

/** One image at the model's defaults: what lists show. */
export const defaultCost = (model: Model): Option.Option<UsdTicks> => {
  const parameters = defaultParameters(model)
  const cost = estimate(model.price, { parameters, outputs: 1, inputImages: 1, size: expectedSize(model, parameters) })
  return cost.confidence === "unknown" ? Option.none() : Option.some(cost.perImage)
}

export interface CardContext {
  readonly multiplier: CreditMultiplier
  readonly isConfigured: (provider: Model["provider"]) => boolean
  readonly today: string
}

/** The compact row of `models list`. */
export const rowJson = (model: Model, context: CardContext): JsonObject => {
  const cost = Option.getOrNull(defaultCost(model))
  return {
    model_id: model.id,
    display_name: model.displayName,
    provider_id: model.provider,
    status: statusOf(model, context.isConfigured(model.provider), context.today),
    operations: [...model.operations],
    capability_id: model.capability,
    summary: model.summary,
    estimated_usd_per_image: cost === null ? null : usdOf(cost),
    credits_required: cost === null ? null : creditsFor(cost, context.multiplier),
    pricing_confidence: cost === null ? "unknown" : model.price.confidence,
    max_outputs_per_request: model.output.outputsMax,
    max_resolution: model.output.resolutionMax,
    aspect_ratios: [...ratiosOf(model.aspectRatio), ...(model.aspectRatio.kind === "dimensions" ? ["any W:H"] : [])],
    task_tags: [...model.taskTags],
    show_command: `image-skill models show ${model.id} --json`
  }
}

/** The terse row of `models find`: what tells one model from another. */
export const foundJson = (model: Model, context: CardContext): JsonObject => {
  const cost = Option.getOrNull(defaultCost(model))
  return {
    model_id: model.id,
    status: statusOf(model, context.isConfigured(model.provider), context.today),
    operations: [...model.operations],
    credits_required: cost === null ? null : creditsFor(cost, context.multiplier),
    latency_class: model.latency,
    summary: model.summary
  }
}

const named = (model: Model, execution: "fixed" | "executable") =>
  Object.entries(model.parameters).filter(([, parameter]) => parameter.execution === execution)

/** Commands that plan as they stand, with a picture for each IMAGE and MASK. None where a model cannot be called. */
const examplesOf = (model: Model, today: string): ReadonlyArray<string> => {
  const isUnknown = Option.isNone(defaultCost(model))
  const status = statusOf(model, true, today)
  if (status !== "available" || (isUnknown && model.price.ceiling === null)) return []
  const { image, mask, prompt, references } = model.input
  const parameters = exampleParameters(model)
  const needed = references?.kind === "images" ? (references.indexesMin ?? 0) : 0
  const words = [
    `image-skill ${doesCreate(model) ? "create" : "edit"} --model ${model.id}`,
    ...(image === "required" ? ["--input IMAGE"] : []),
    ...(mask === "required" ? ["--mask MASK"] : []),
    ...Array.from({ length: needed }, () => "--reference-image IMAGE"),
    ...(prompt === "required" ? ['--prompt "a lighthouse in a storm"'] : []),
    ...(Object.keys(parameters).length === 0 ? [] : [`--model-parameters-json '${JSON.stringify(parameters)}'`]),
    ...(isUnknown ? ["--accept-unknown-cost"] : [])
  ]
  return [`${words.join(" ")} --dry-run --json`]
}

/** Everything that is known of a model: `models show`. */
export const fullJson = (model: Model, context: CardContext): JsonObject => ({
  ...rowJson(model, context),
  cataloged_reason: model.execution === "executable" ? null : model.execution.cataloged,
  media: {
    input: {
      prompt: model.input.prompt,
      prompt_max_characters: model.input.promptCharactersMax,
      image: model.input.image,
      mask: model.input.mask,
      references: model.input.references === null ? null : referencesJson(model.input.references),
      files: model.input.files === undefined ? null : filesJson(model.input.files)
    },
    output: {
      mime_types: [...model.output.mediaTypes],
      max_outputs_per_request: model.output.outputsMax,
      max_resolution: model.output.resolutionMax
    }
  },
  model_parameters: { ...toJsonSchema(model.parameters), ...constraintsSchema(model) },
  constraints: (model.constraints ?? []).map(constraintWords),
  defaults: Object.fromEntries(
    named(model, "executable").flatMap(
      ([name, { default: value }]): ReadonlyArray<[string, Json]> => (value === undefined ? [] : [[name, value]])
    )
  ),
  fixed_controls: Object.fromEntries(
    named(model, "fixed").map(([name, parameter]): [string, Json] => [name, parameter.default ?? null])
  ),
  normalized_controls: {
    aspect_ratio: aspectRatioJson(model.aspectRatio),
    output_count: {
      max: model.output.outputsMax,
      provider_parameter: model.output.countParameter,
      provider_calls:
        model.output.outputsPerCall === 1 ? "one per image" : `one per ${model.output.outputsPerCall} images`
    }
  },
  pricing: {
    confidence: model.price.confidence,
    unit: model.price.rule.kind,
    table: priceTable(model),
    surcharges: model.price.surcharges.map(({ when, ticks, per }) => ({ when, per, usd: usdOf(ticks) })),
    ceiling_usd: model.price.ceiling === null ? null : usdOf(model.price.ceiling),
    source: model.price.source,
    as_of: model.price.asOf
  },
  latency_class: model.latency,
  safety: { refusal_billed: model.safety.refusalBilled, note: model.safety.note },
  lifecycle: {
    status: model.lifecycle.status,
    ends_on: model.lifecycle.endsOn,
    replacement: model.lifecycle.replacement,
    note: model.lifecycle.note
  },
  migration_hints: [...model.migrationHints],
  examples: examplesOf(model, context.today),
  provenance: { kind: model.provenance, upstream: model.upstream }
})

/** Rows for a price that follows a formula. */
const exampleSizes = [
  { width: 1024, height: 1024 },
  { width: 1024, height: 1536 },
  { width: 1536, height: 1024 },
  { width: 2048, height: 2048 },
  { width: 3840, height: 2160 }
] as const

const priceTable = (model: Model): ReadonlyArray<JsonObject> => {
  const rule = model.price.rule
  switch (rule.kind) {
    case "unknown":
      return []
    case "per_megapixel":
      return [
        {
          usd_per_megapixel: usdOf(rule.ticks),
          rounding: rule.rounding,
          ...(rule.additionalTicks === undefined ? {} : { usd_per_additional_megapixel: usdOf(rule.additionalTicks) }),
          ...(rule.inputs === undefined ? {} : { input_images: rule.inputs })
        }
      ]
    case "per_image":
      return rule.tiers.map(({ when, ticks }) => ({ when, usd: usdOf(ticks) }))
    case "image_tokens":
      return exampleSizes.flatMap((size) =>
        Object.entries(rule.grids).map(([quality, grid]) => ({
          when: { [rule.quality]: [quality], size: [`${size.width}x${size.height}`] },
          usd: usdOf(UsdTicks.make(rule.ticksPerToken * imageTokens(rule, grid, size)))
        }))
      )
  }
}

/** The same catalogue seen by capability: one entry for each id, with the models that have it. */
export const capabilitiesJson = (models: ReadonlyArray<Model>, context: CardContext): ReadonlyArray<JsonObject> => {
  const ids = [...new Set(models.map((model) => model.capability))]
  return ids
    .map((id) => ({ id, own: models.filter((model) => model.capability === id) }))
    .map(({ id, own }) => ({
      capability_id: id,
      operations: [...new Set(own.flatMap((model) => model.operations))],
      model_ids: own.map((model) => model.id),
      available: own.some(
        (model) => statusOf(model, context.isConfigured(model.provider), context.today) === "available"
      ),
      show_command: `image-skill capabilities show ${id} --json`
    }))
}
