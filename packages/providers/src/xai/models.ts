import type { InputFiles } from "@image-skill/core/catalog/InputFiles"
import { capabilityOf, type Model, type Price } from "@image-skill/core/catalog/Model"
import type { Parameters } from "@image-skill/core/catalog/Parameters"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { lazily } from "@image-skill/core/kernel/Lazily"
import { ticks, UsdTicks } from "@image-skill/core/kernel/Money"
import { qualityOf } from "../internal/qualityRanks.ts"
import { facts } from "./models.generated.ts"

export const xaiId = ProviderId.make("xai")

interface PriceFact {
  readonly usd: string
  readonly when: { readonly [name: string]: string }
  readonly source: string
}

/** One route of xAI's as the collected facts describe it: `scripts/facts/xai.mjs` writes them. */
export interface XaiFact {
  readonly id: string
  readonly displayName: string
  readonly isEdit: boolean
  readonly model: string
  readonly url: string
  /** Its slug still answers, served by another model. */
  readonly isRedirected: boolean
  readonly lifecycleNote: string | null
  readonly outputsMax: number
  readonly referencesMax: number
  readonly ratios: ReadonlyArray<string>
  readonly resolutions: ReadonlyArray<string>
  readonly qualities: ReadonlyArray<string> | null
  readonly images: ReadonlyArray<PriceFact>
  readonly inputs: ReadonlyArray<PriceFact>
}

const editFiles: InputFiles = {
  mediaTypes: ["image/png", "image/jpeg", "image/webp"],
  bytesMax: 10 * 1024 * 1024,
  mask: null
}

const successor = "xai.grok-imagine-image-2.0"

const priceOf = (fact: XaiFact): Price => {
  const tiers = fact.images.map(({ usd, when }) => ({
    when: Object.fromEntries(Object.entries(when).map(([name, value]) => [name, [value]])),
    ticks: ticks(usd)
  }))
  const inputs = fact.inputs.map(({ usd }) => ticks(usd))
  const dearest = Math.max(...tiers.map((tier) => tier.ticks))
  const inputsMost = inputs.reduce((sum, one) => sum + one, 0) * (1 + fact.referencesMax)
  const sources = [...new Set([...fact.images, ...fact.inputs].map(({ source }) => source))]
  return {
    confidence: "known",
    rule: { kind: "per_image", tiers },
    surcharges: inputs.map((one) => ({ when: {}, ticks: one, per: "input_image" })),
    // For a quality that the provider picks itself.
    ceiling: UsdTicks.make(dearest + (fact.isEdit ? inputsMost : 0)),
    source: sources.join("; "),
    asOf: "2026-11-22"
  }
}

const parametersOf = (fact: XaiFact): Parameters => ({
  resolution: {
    schema: { type: "string", enum: fact.resolutions },
    description: "1k, or 2k: upscaled, near 2048x2048",
    execution: "executable",
    default: "1k"
  },
  ...(fact.qualities === null
    ? {}
    : {
        quality: {
          schema: { type: "string", enum: fact.qualities },
          description: "Effort of rendering, which decides the price; auto leaves the cost open",
          execution: "executable",
          default: "low"
        }
      }),
  response_format: {
    schema: { type: "string", enum: ["b64_json"] },
    description: "How the image comes back",
    execution: "fixed",
    default: "b64_json",
    reason: "images are taken with the answer, since result addresses expire"
  },
  user: {
    schema: { type: "string" },
    execution: "cataloged",
    reason: "no identifier of a person is passed on"
  },
  storage_options: {
    schema: { type: "object", properties: {}, required: [] },
    execution: "cataloged",
    reason: "images are stored here, not in the provider's account"
  }
})

const inputOf = (fact: XaiFact): Model["input"] => ({
  prompt: "required",
  promptCharactersMax: null,
  image: fact.isEdit ? "required" : "none",
  mask: "none",
  references: fact.referencesMax === 0 ? null : { kind: "images", indexesMax: fact.referencesMax, tasks: [] },
  ...(fact.isEdit ? { files: editFiles } : {})
})

const lifecycleOf = (fact: XaiFact): Model["lifecycle"] =>
  fact.isRedirected
    ? {
        status: "listed",
        endsOn: null,
        replacement: ModelId.make(fact.isEdit ? `${successor}-edit` : successor),
        note: fact.lifecycleNote
      }
    : { status: "listed", endsOn: null, replacement: null, note: fact.lifecycleNote }

const modelOf = (fact: XaiFact): Model => ({
  id: ModelId.make(fact.id),
  displayName: fact.displayName,
  provider: xaiId,
  capability: capabilityOf(fact.isEdit ? "edit" : "generate", fact.id),
  operations: [fact.isEdit ? "image.edit" : "image.generate"],
  summary: fact.isEdit
    ? `Changes an image by a prompt; up to ${fact.referencesMax} further images follow it, named <IMAGE_1> and on`
    : "Draws what a prompt says, in many ratios, at 1k or 2k",
  taskTags: fact.isEdit ? ["edit", "references"] : ["photo", "illustration"],
  execution: "executable",
  input: inputOf(fact),
  output: {
    mediaTypes: ["image/jpeg", "image/png", "image/webp"],
    outputsMax: fact.outputsMax,
    outputsPerCall: fact.outputsMax,
    countParameter: "n",
    size: { kind: "class", name: "resolution", squareSides: { "1k": 1024, "2k": 2048 } },
    resolutionMax: "2048x2048"
  },
  aspectRatio: {
    kind: "parameter",
    name: "aspect_ratio",
    // An edit follows its first image when no ratio is sent: that is what `auto` means there.
    values: fact.isEdit ? fact.ratios.filter((ratio) => ratio !== "auto") : fact.ratios
  },
  parameters: parametersOf(fact),
  price: priceOf(fact),
  ...(fact.isEdit ? {} : { finalDefaults: { resolution: "2k" } }),
  repeatable: false,
  deadlineMillis: 300_000,
  latency: "fast",
  quality: qualityOf(fact.id),
  lifecycle: lifecycleOf(fact),
  safety: {
    refusalBilled: true,
    note: "a withheld image comes as an answer without one, and the answer's usage says what it cost"
  },
  migrationHints: fact.isRedirected
    ? [`use ${fact.isEdit ? `${successor}-edit` : successor} with quality low: the same service at the same price`]
    : [],
  provenance: "generative_model",
  upstream: { method: "POST", url: fact.url, model: fact.model, content_type: "application/json" }
})

export const models = lazily((): ReadonlyArray<Model> => facts().map(modelOf))
