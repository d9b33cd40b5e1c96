import { capabilityOf, type Model, type Operation } from "@image-skill/core/catalog/Model"
import type { Parameters } from "@image-skill/core/catalog/Parameters"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { lazily } from "@image-skill/core/kernel/Lazily"
import { qualityOf } from "../internal/qualityRanks.ts"
import { records } from "./records.generated.ts"

/** A route that is known and that no plugin of this repository calls: `scripts/facts/unwired.mjs` writes them. */
export interface UnwiredRecord {
  readonly id: string
  readonly name: string
  readonly provider: string
  readonly does: readonly [Operation, ...ReadonlyArray<Operation>]
  readonly tags: ReadonlyArray<string>
  readonly hasPrompt?: true
  readonly promptMax?: number
  readonly hasMask?: true
  readonly parameters: Parameters
  /** Published prices in words. */
  readonly price: string
  readonly gone?: string
  readonly endpoint: string
}

/** Their names, in the order of the catalogue. */
export const unwiredNames: ReadonlyMap<string, string> = new Map([
  ["google", "Google Gemini"],
  ["bfl", "Black Forest Labs"],
  ["stability", "Stability AI"],
  ["ideogram", "Ideogram"],
  ["recraft", "Recraft"],
  ["replicate", "Replicate"]
])

const isEdit = ({ does }: UnwiredRecord) => !does.includes("image.generate")

const detailsOf = (row: UnwiredRecord) =>
  ({
    capability: capabilityOf(isEdit(row) ? "edit" : "generate", row.id),
    input: {
      prompt: row.hasPrompt === true ? "required" : "none",
      promptCharactersMax: row.promptMax ?? null,
      image: isEdit(row) ? "required" : "none",
      mask: row.hasMask === true ? "optional" : "none",
      references: null
    },
    price: {
      confidence: "unknown",
      rule: { kind: "unknown" },
      surcharges: [],
      ceiling: null,
      source: row.price,
      asOf: "2026-11-22"
    }
  }) satisfies Partial<Model>

const modelOf = (row: UnwiredRecord): Model => {
  const details = lazily(() => detailsOf(row))
  const provider = unwiredNames.get(row.provider) ?? row.provider
  return {
    id: ModelId.make(row.id, { disableValidation: true }),
    displayName: row.name,
    provider: ProviderId.make(row.provider, { disableValidation: true }),
    get capability() {
      return details().capability
    },
    operations: row.does,
    summary: `${row.name}, known and not wired`,
    taskTags: row.tags,
    execution: { cataloged: `no plugin of this build calls ${provider} itself` },
    get input() {
      return details().input
    },
    output: {
      mediaTypes: ["image/png", "image/jpeg", "image/webp"],
      outputsMax: 1,
      outputsPerCall: 1,
      countParameter: null,
      size: { kind: "unknown" },
      resolutionMax: "not stated"
    },
    aspectRatio: { kind: "none" },
    parameters: row.parameters,
    get price() {
      return details().price
    },
    repeatable: false,
    deadlineMillis: 600_000,
    latency: "medium",
    quality: qualityOf(row.id, row.gone === undefined ? "model" : "gone"),
    lifecycle: {
      status: row.gone === undefined ? "listed" : "deprecated",
      endsOn: null,
      replacement: null,
      note: row.gone ?? null
    },
    safety: { refusalBilled: false, note: "it is never called" },
    migrationHints: ["docs/writing-a-provider.md says how a plugin for it is written"],
    provenance: "generative_model",
    upstream: { endpoint_id: row.endpoint }
  }
}

export const models = lazily((): ReadonlyArray<Model> => records().map(modelOf))
