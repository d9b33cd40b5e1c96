import type { InputFiles } from "@image-skill/core/catalog/InputFiles"
import { capabilityOf, type Model, type Operation, type OutputSize, type Price } from "@image-skill/core/catalog/Model"
import type { Parameter, Parameters } from "@image-skill/core/catalog/Parameters"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { lazily } from "@image-skill/core/kernel/Lazily"
import { MediaType } from "@image-skill/core/kernel/Media"
import { UsdTicks } from "@image-skill/core/kernel/Money"
import { qualityOf } from "../internal/qualityRanks.ts"
import { imageBytesMax, presetPixels, type RecordRow, type Route } from "./Record.ts"
import { aspects, parameters, records, sources } from "./records.generated.ts"

export const falId = ProviderId.make("fal")

/** Unchecked: the registry checks every model once it loads, and start-up is short of milliseconds. */
const amount = (ticks: number): UsdTicks => UsdTicks.make(ticks, { disableValidation: true })

const branded = <A extends { readonly ticks: number }>(priced: A) => ({ ...priced, ticks: amount(priced.ticks) })

const ruleOf = (rule: RecordRow["price"]["rule"]): Price["rule"] => {
  switch (rule.kind) {
    case "per_image":
      return { kind: rule.kind, tiers: rule.tiers.map(branded) }
    case "per_megapixel": {
      const { additionalTicks, ...rest } = rule
      return {
        ...branded(rest),
        ...(additionalTicks === undefined ? {} : { additionalTicks: amount(additionalTicks) })
      }
    }
    case "unknown":
      return rule
  }
}

/** By hand: decoding all prices by their Schema takes as long as all the rest of this module. */
const priceOf = (row: RecordRow): Price => ({
  confidence: row.price.confidence,
  rule: ruleOf(row.price.rule),
  surcharges: row.price.surcharges.map(branded),
  ceiling: row.price.ceiling === null ? null : amount(row.price.ceiling),
  source: sources()[row.price.source] ?? "",
  asOf: row.price.asOf
})

const fileTypes = MediaType.literals

const words = {
  "image.generate": { summary: "makes images from a prompt", tag: "text-to-image" },
  "image.edit": { summary: "edits an image", tag: "image-to-image" },
  "image.upscale": { summary: "makes an image larger", tag: "image-to-image" },
  "image.remove_background": { summary: "takes the background of an image away", tag: "image-to-image" }
} as const satisfies Record<Operation, { readonly summary: string; readonly tag: string }>

const summaryOf = (row: RecordRow): string => {
  const isPromptless = row.route.prompt === undefined && row.does === "image.edit"
  const extras = [
    isPromptless ? "takes no prompt" : "",
    row.mask === undefined ? "" : `takes a mask${row.mask === "required" ? "" : " or none"}`,
    row.references === undefined ? "" : "takes references"
  ].filter((one) => one !== "")
  return [`${row.name}: ${words[row.does].summary}`, ...extras].join(", ")
}

/** The words that fal's models have for classes of size, and the square of each: 1K is 1024 by 1024. */
const classOf = (row: RecordRow): OutputSize | null => {
  const found = row.parameters.map((index) => parameters()[index]).find((one) => one?.[0] === "resolution")
  const schema = found?.[1].schema
  const values = schema !== undefined && "type" in schema && schema.type === "string" ? (schema.enum ?? []) : []
  const sides = values.flatMap((value) => {
    const side = /^(0\.5|1|2|4)k$/i.test(value) ? Number.parseFloat(value) * 1024 : null
    return side === null ? [] : [[value, side] as const]
  })
  return sides.length === 0 ? null : { kind: "class", name: "resolution", squareSides: Object.fromEntries(sides) }
}

const sizeOf = (row: RecordRow): OutputSize => {
  if (row.size.kind === "unknown") return classOf(row) ?? row.size
  return row.size.kind === "parameter"
    ? { ...row.size, presets: Object.fromEntries(row.size.presets.map((name) => [name, presetPixels[name]])) }
    : row.size
}

/** Which types fal reads is not documented: any that the house takes. */
const filesOf = (row: RecordRow): InputFiles => {
  const rule = { mediaTypes: fileTypes, bytesMax: row.route.bytesMax ?? imageBytesMax }
  return { ...rule, mask: row.mask === undefined ? null : { ...rule, sameSize: row.isMaskOfImageSize === true } }
}

const inputOf = (row: RecordRow): Model["input"] => ({
  prompt: row.route.prompt === undefined ? "none" : "required",
  promptCharactersMax: row.promptMax ?? null,
  image: row.does === "image.generate" ? "none" : "required",
  mask: row.mask ?? "none",
  references: row.references ?? null,
  ...(row.does === "image.generate" ? {} : { files: filesOf(row) })
})

const lifecycleOf = (row: RecordRow): Model["lifecycle"] => ({
  status: row.gone === undefined ? "listed" : "deprecated",
  endsOn: null,
  replacement: null,
  note: row.gone ?? null
})

const safetyOf = (row: RecordRow): Model["safety"] =>
  row.route.hasFlags === true
    ? { refusalBilled: true, note: "a flagged image comes back black, and is billed (inferred): it is not delivered" }
    : { refusalBilled: false, note: "what the provider refuses is an error; one that the model raises can be billed" }

const parametersOf = (row: RecordRow): Parameters => {
  const own: Record<string, Parameter> = {}
  for (const index of row.parameters) {
    const named = parameters()[index]
    if (named !== undefined) own[named[0]] = named[1]
  }
  return own
}

/** What only a model that is looked at must tell. */
const detailsOf = (row: RecordRow) =>
  ({
    capability: capabilityOf(row.does === "image.generate" ? "generate" : "edit", row.id),
    summary: summaryOf(row),
    input: inputOf(row),
    output: {
      mediaTypes: row.types,
      outputsMax: row.outputsMax,
      outputsPerCall: row.perCall,
      countParameter: row.count ?? null,
      size: sizeOf(row),
      resolutionMax: row.largest,
      repliesWithUrls: true
    },
    parameters: parametersOf(row),
    price: priceOf(row)
  }) satisfies Partial<Model>

/** Most of a model is made when it is first read: a start reads ids, and a choice what can be chosen. */
const modelOf = (row: RecordRow): Model => {
  const details = lazily(() => detailsOf(row))
  return {
    id: ModelId.make(row.id, { disableValidation: true }),
    displayName: row.name,
    provider: falId,
    get capability() {
      return details().capability
    },
    operations: [row.does],
    get summary() {
      return details().summary
    },
    taskTags: [words[row.does].tag, ...row.tags],
    execution: row.cataloged === undefined ? "executable" : { cataloged: row.cataloged },
    get input() {
      return details().input
    },
    get output() {
      return details().output
    },
    aspectRatio: aspects()[row.aspect] ?? { kind: "none" },
    get parameters() {
      return details().parameters
    },
    ...(row.constraints === undefined ? {} : { constraints: row.constraints }),
    get price() {
      return details().price
    },
    repeatable: false,
    // Queues of hours exist; after ten minutes a caller is gone, and the request is told not to start any more.
    deadlineMillis: 600_000,
    latency: "medium",
    quality: qualityOf(row.id, row.kind),
    lifecycle: lifecycleOf(row),
    safety: safetyOf(row),
    migrationHints:
      row.gone === undefined ? [] : ["image-skill models list --provider fal --json shows what is listed"],
    provenance: "generative_model",
    upstream: {
      kind: "fal_queue",
      endpoint_id: row.route.endpoint,
      docs_url: `https://fal.ai/models/${row.route.endpoint}`
    }
  }
}

export const models = lazily((): ReadonlyArray<Model> => records().map(modelOf))

/** How each model's requests are put into a body and its answers read. */
export const routes = lazily((): ReadonlyMap<string, Route> => new Map(records().map(({ id, route }) => [id, route])))
