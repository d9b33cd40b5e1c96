import type { InputFiles } from "@image-skill/core/catalog/InputFiles"
import { type Constraint, capabilityOf, type Model } from "@image-skill/core/catalog/Model"
import type { Parameters } from "@image-skill/core/catalog/Parameters"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { lazily } from "@image-skill/core/kernel/Lazily"
import { qualityOf } from "../internal/qualityRanks.ts"
import type { OpenAiFact } from "./fact.ts"
import { facts } from "./models.generated.ts"
import { fixedRatios, isPriced, priceOf, unpriced } from "./prices.ts"

export const openaiId = ProviderId.make("openai")

/** What we say of a model besides its facts. */
interface House {
  readonly latency: Model["latency"]
  readonly replacement: string | null
  readonly refusedBackgrounds: ReadonlyArray<string>
}

const plain: House = { latency: "slow", replacement: null, refusedBackgrounds: [] }

const houses: { readonly [model: string]: House } = {
  "gpt-image-1.5": { ...plain, replacement: "openai.gpt-image-2" },
  // The facts differ: the guide and the 6.49 types say that transparency is refused, the 7.57 types call it a preview.
  "gpt-image-2": { ...plain, refusedBackgrounds: ["transparent"] },
  "gpt-image-1-mini": { ...plain, latency: "medium", replacement: "openai.gpt-image-2" },
  "gpt-image-2.5-flare": { ...plain, latency: "medium" }
}

/** As the facts say of every edit: files "under" 50 MB, a mask "under" 4 MB. */
export const editFiles: InputFiles = {
  mediaTypes: ["image/png", "image/jpeg", "image/webp"],
  bytesMax: 50_000_000 - 1,
  mask: { mediaTypes: ["image/png"], bytesMax: 4_000_000 - 1, sameSize: true }
}

/** Within the rules of free sizes, near the standard sizes' count of pixels. */
const freeRatios = {
  ...fixedRatios,
  "3:4": "960x1280",
  "4:3": "1280x960",
  "4:5": "1024x1280",
  "5:4": "1280x1024",
  "9:16": "864x1536",
  "16:9": "1536x864",
  "1:2": "768x1536",
  "2:1": "1536x768",
  "9:21": "720x1680",
  "21:9": "1680x720",
  "1:3": "512x1536",
  "3:1": "1536x512"
}

const freeSize = {
  kind: "size",
  name: "size",
  sideMultipleOf: 16,
  sideMax: 3840,
  pixelsMin: 655_360,
  pixelsMax: 8_294_400,
  ratioMax: 3
} as const

const sizeParameter = (fact: OpenAiFact): Parameters[string] => ({
  schema:
    fact.sizes === null
      ? { type: "string", pattern: "^(auto|[1-9][0-9]{1,3}x[1-9][0-9]{1,3})$" }
      : { type: "string", enum: fact.sizes },
  description:
    fact.sizes === null
      ? "auto, or WIDTHxHEIGHT: sides in steps of 16, at most 3840, 3:1 at most, 655,360 to 8,294,400 pixels"
      : "Width and height; auto leaves them to the model, and the cost open",
  execution: "executable",
  // Left to the model, a new image's cost would be open; an edit's is anyway, and its size should follow the input.
  ...(fact.isEdit ? { providerDefault: "auto" } : { default: fixedRatios["1:1"] })
})

const parametersOf = (fact: OpenAiFact, house: House): Parameters => ({
  size: sizeParameter(fact),
  quality: {
    schema: { type: "string", enum: fact.qualities },
    description: "Effort of rendering, which decides the price; auto leaves the cost open",
    execution: "executable",
    default: "medium"
  },
  output_format: {
    schema: { type: "string", enum: fact.formats.filter((format) => ["png", "jpeg", "webp"].includes(format)) },
    description: "File format",
    execution: "executable",
    providerDefault: "png"
  },
  output_compression: {
    schema: { type: "integer", minimum: 0, maximum: 100 },
    description: "Quality of JPEG and WebP in percent",
    execution: "executable",
    providerDefault: 100
  },
  background: {
    schema: { type: "string", enum: fact.backgrounds.filter((one) => !house.refusedBackgrounds.includes(one)) },
    description: `What is behind the subject${house.refusedBackgrounds.length === 0 ? "; transparent needs png or webp" : ""}`,
    execution: "executable",
    providerDefault: "auto"
  },
  moderation: {
    schema: { type: "string", enum: ["auto", "low"] },
    description: "How strictly the provider filters",
    execution: "executable",
    providerDefault: "auto"
  },
  // A control with one value is none; mini has no other, and the SDK's types say that it takes none.
  ...(fact.inputFidelities === null || fact.inputFidelities.length < 2
    ? {}
    : {
        input_fidelity: {
          schema: { type: "string", enum: fact.inputFidelities },
          description: "How closely the input image is kept; high costs more input tokens",
          execution: "executable",
          providerDefault: "low"
        }
      }),
  ...Object.fromEntries(fact.cataloged.map((one): [string, Parameters[string]] => [one.name, catalogedOf(one)]))
})

const catalogedOf = (one: OpenAiFact["cataloged"][number]): Parameters[string] => ({
  schema:
    one.type === "boolean"
      ? { type: "boolean" }
      : one.type === "integer"
        ? { type: "integer" }
        : { type: "string", ...(one.values === null ? {} : { enum: one.values }) },
  ...(one.note === null ? {} : { description: one.note }),
  execution: "cataloged",
  reason: "images are asked for whole, one answer a call, as PNG, JPEG or WebP, without personal identifiers"
})

const constraintsOf = (fact: OpenAiFact): ReadonlyArray<Constraint> => [
  {
    kind: "forbidden",
    when: { background: ["transparent"], output_format: ["jpeg"] },
    reason: "JPEG has no transparency: give output_format png or webp with background transparent"
  },
  {
    kind: "forbidden",
    when: { output_format: ["png"], output_compression: Array.from({ length: 100 }, (_, value) => value) },
    reason: "PNG is not compressed by quality: give output_format jpeg or webp with output_compression"
  },
  ...(fact.sizes === null ? [freeSize] : [])
]

const lifecycleOf = (fact: OpenAiFact, house: House): Model["lifecycle"] => ({
  status: fact.endsOn === null ? "listed" : "deprecated",
  endsOn: fact.endsOn,
  replacement: house.replacement === null ? null : ModelId.make(`${house.replacement}${fact.isEdit ? "-edit" : ""}`),
  note: null
})

const modelOf = (fact: OpenAiFact): Model => {
  const house = houses[fact.model] ?? plain
  const price = lazily(() => priceOf(fact))
  const parameters = lazily(() => parametersOf(fact, house))
  return {
    id: ModelId.make(fact.id),
    displayName: fact.displayName,
    provider: openaiId,
    capability: capabilityOf(fact.isEdit ? "edit" : "generate", fact.id),
    operations: [fact.isEdit ? "image.edit" : "image.generate"],
    summary: fact.isEdit
      ? "Changes an image by a prompt, within a mask where one is given; settled from the tokens used"
      : "Draws what a prompt says, with readable text; priced by tokens of quality and size",
    taskTags: fact.isEdit ? ["edit", "inpaint", "text"] : ["photo", "illustration", "text"],
    execution: isPriced(fact) ? "executable" : { cataloged: `${unpriced.source}: what an image costs has no bound` },
    input: {
      prompt: "required",
      promptCharactersMax: fact.promptCharactersMax,
      image: fact.isEdit ? "required" : "none",
      mask: fact.isEdit ? "optional" : "none",
      references: null,
      ...(fact.isEdit ? { files: editFiles } : {})
    },
    output: {
      mediaTypes: ["image/png", "image/jpeg", "image/webp"],
      outputsMax: fact.outputsMax,
      outputsPerCall: fact.outputsMax,
      countParameter: "n",
      size: { kind: "parameter", name: "size", presets: {} },
      resolutionMax: fact.sizes === null ? "3840x2160" : "1536x1024"
    },
    aspectRatio: { kind: "sizes", name: "size", sizes: fact.sizes === null ? freeRatios : fixedRatios },
    get parameters() {
      return parameters()
    },
    constraints: constraintsOf(fact),
    get price() {
      return price()
    },
    ...(fact.isEdit ? {} : { finalDefaults: { quality: "high" } }),
    repeatable: false,
    deadlineMillis: 600_000,
    latency: house.latency,
    quality: qualityOf(fact.id),
    lifecycle: lifecycleOf(fact, house),
    safety: {
      refusalBilled: false,
      note: "refused requests are errors without usage; whether they are billed is not documented"
    },
    migrationHints: fact.lifecycleNote === null || fact.endsOn === null ? [] : [fact.lifecycleNote],
    provenance: "generative_model",
    upstream: {
      method: "POST",
      url: fact.url,
      model: fact.model,
      content_type: fact.isEdit ? "multipart/form-data" : "application/json",
      ticks_per_token: fact.rates
    }
  }
}

export const models = lazily((): ReadonlyArray<Model> => facts().map(modelOf))
