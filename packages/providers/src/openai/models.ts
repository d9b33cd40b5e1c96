import { type Constraint, capabilityOf, type Model, type Price } from "@image-skill/core/catalog/Model"
import type { Parameters } from "@image-skill/core/catalog/Parameters"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { limits } from "@image-skill/core/kernel/Limits"
import { UsdTicks, usdOf } from "@image-skill/core/kernel/Money"
import { imageTokens } from "@image-skill/core/pricing/Pricing"
import { facts } from "./models.generated.ts"

export const openaiId = ProviderId.make("openai")

const asOf = "2026-11-22"

/** One route of OpenAI's as the collected facts describe it: `scripts/facts/openai.mjs` writes them. */
export interface OpenAiFact {
  readonly id: string
  readonly displayName: string
  readonly isEdit: boolean
  readonly model: string
  readonly url: string
  readonly endsOn: string | null
  readonly lifecycleNote: string | null
  readonly imagesMax: number | null
  readonly promptCharactersMax: number
  readonly outputsMax: number
  /** Null: any size within `freeSize`. */
  readonly sizes: ReadonlyArray<string> | null
  readonly qualities: ReadonlyArray<string>
  readonly backgrounds: ReadonlyArray<string>
  readonly formats: ReadonlyArray<string>
  readonly inputFidelities: ReadonlyArray<string> | null
  readonly cataloged: ReadonlyArray<{
    readonly name: string
    readonly type: string
    readonly note: string | null
    readonly values: ReadonlyArray<string> | null
  }>
  /** Ticks for one token of each class. */
  readonly rates: { readonly [tokenClass: string]: number } | null
  readonly priceSource: string | null
  readonly tokens: {
    readonly source: string
    readonly note: string | null
    readonly grids: { readonly [quality: string]: number } | null
    readonly rows: ReadonlyArray<readonly [quality: string, size: string, tokens: number]>
  } | null
}

/** What we say of a model besides its facts; the quality rank is a judgement. */
interface House {
  readonly quality: number
  readonly latency: Model["latency"]
  readonly replacement: string | null
  readonly refusedBackgrounds: ReadonlyArray<string>
}

const plain: House = { quality: 50, latency: "slow", replacement: null, refusedBackgrounds: [] }

const houses: { readonly [model: string]: House } = {
  "gpt-image-1.5": { ...plain, quality: 78, replacement: "openai.gpt-image-2" },
  // The facts differ: the guide and the 6.49 types say that transparency is refused, the 7.57 types call it a preview.
  "gpt-image-2": { ...plain, quality: 90, refusedBackgrounds: ["transparent"] },
  "gpt-image-1-mini": { ...plain, quality: 48, latency: "medium", replacement: "openai.gpt-image-2" },
  "gpt-image-2.5-flare": { ...plain, quality: 76, latency: "medium" },
  "gpt-image-2.5-sunburst": { ...plain, quality: 86 }
}

const fixedRatios = { "1:1": "1024x1024", "2:3": "1024x1536", "3:2": "1536x1024" }

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

/** The dearest size that `freeSize` allows. */
const largest = { width: 2880, height: 2880 }

const grid = { pixelsBase: 2_000_000, pixelsDivisor: 4_000_000 }

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
  providerDefault: "auto"
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
  ...(fact.inputFidelities === null
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

const tokens = (count: number, rate: number | undefined): number => count * (rate ?? 0)

const standardSizes: ReadonlyArray<string> = Object.values(fixedRatios)

/** Output tokens of the dearest image that may be asked for, and of the dearest of a standard size. */
const dearest = (table: NonNullable<OpenAiFact["tokens"]>) => ({
  any: Math.max(
    ...table.rows.map(([, , count]) => count),
    ...(table.grids === null ? [] : Object.values(table.grids).map((cells) => imageTokens(grid, cells, largest)))
  ),
  standard: Math.max(...table.rows.filter(([, size]) => standardSizes.includes(size)).map(([, , count]) => count))
})

const tiersOf = (fact: OpenAiFact, table: NonNullable<OpenAiFact["tokens"]>) => {
  const output = fact.rates?.["imageOutput"]
  const rows = table.rows.map(([quality, size, count]) => ({ quality, size, ticks: tokens(count, output) }))
  // What an edit of automatic size costs is open; that it is no more than the dearest size of its quality is not.
  const automatic = fact.isEdit
    ? [...new Set(rows.map(({ quality }) => quality))].map((quality) => ({
        quality,
        size: "auto",
        ticks: Math.max(...rows.filter((row) => row.quality === quality).map((row) => row.ticks))
      }))
    : []
  return [...rows, ...automatic].map(({ quality, size, ticks }) => ({
    when: { quality: [quality], size: [size] },
    ticks: UsdTicks.make(ticks)
  }))
}

const unpriced: Price = {
  confidence: "unknown",
  rule: { kind: "unknown" },
  surcharges: [],
  ceiling: null,
  source: "no token table is published for this model",
  asOf
}

const priceOf = (fact: OpenAiFact): Price => {
  const { rates, tokens: table } = fact
  if (rates === null || table === null) return unpriced
  const most = dearest(table)
  const output = UsdTicks.make(tokens(most.any, rates["imageOutput"]))
  const prompt = tokens(limits.promptCharactersMax, rates["textInput"])
  const images = fact.isEdit ? 2 * tokens(most.standard, rates["imageInput"]) : 0
  const inputs = UsdTicks.make(prompt + images)
  const from = `${fact.priceSource}; output tokens: ${table.source}${table.note === null ? "" : `, ${table.note}`}`
  const bound =
    `ceiling: the dearest image, ${most.any} tokens ($${usdOf(output)}), and inputs ($${usdOf(inputs)}): ` +
    `a token for each of ${limits.promptCharactersMax} characters of prompt` +
    (fact.isEdit
      ? `, and two images, input and mask, at ${most.standard} tokens each (no count is documented: the dearest standard output is taken)`
      : "; a quote leaves the prompt's tokens out")
  return {
    confidence: fact.isEdit ? "unknown" : "estimated",
    rule:
      table.grids === null || fact.isEdit
        ? { kind: "per_image", tiers: tiersOf(fact, table) }
        : {
            kind: "image_tokens",
            ticksPerToken: UsdTicks.make(rates["imageOutput"] ?? 0),
            quality: "quality",
            grids: table.grids,
            ...grid
          },
    surcharges: [],
    ceiling: UsdTicks.make(output + inputs),
    ...(fact.isEdit ? { inputCeiling: inputs } : {}),
    source: `${from}; ${bound}`,
    asOf
  }
}

const lifecycleOf = (fact: OpenAiFact, house: House): Model["lifecycle"] => ({
  status: fact.endsOn === null ? "listed" : "deprecated",
  endsOn: fact.endsOn,
  replacement: house.replacement === null ? null : ModelId.make(`${house.replacement}${fact.isEdit ? "-edit" : ""}`),
  note: null
})

const modelOf = (fact: OpenAiFact): Model => {
  const house = houses[fact.model] ?? plain
  const price = priceOf(fact)
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
    execution:
      price.ceiling === null ? { cataloged: `${price.source}: what an image costs has no bound` } : "executable",
    input: {
      prompt: "required",
      promptCharactersMax: fact.promptCharactersMax,
      image: fact.isEdit ? "required" : "none",
      mask: fact.isEdit ? "optional" : "none",
      references: null
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
    parameters: parametersOf(fact, house),
    constraints: constraintsOf(fact),
    price,
    ...(fact.isEdit ? {} : { finalDefaults: { quality: "high" } }),
    repeatable: false,
    deadlineMillis: 600_000,
    latency: house.latency,
    quality: house.quality,
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

export const models: ReadonlyArray<Model> = facts.map(modelOf)
