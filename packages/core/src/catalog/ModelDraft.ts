import { ModelId, ProviderId } from "../kernel/Ids.ts"
import { ticks } from "../kernel/Money.ts"
import { capabilityOf, type Model, type Price } from "./Model.ts"

/** A price of so much an image, whatever its parameters; the amount is decimal USD. */
export interface FlatPrice {
  readonly usdPerImage: string
  /** Where the price was read. */
  readonly source: string
  /** ISO date on which it was read. */
  readonly asOf: string
}

type Given = "id" | "displayName" | "provider" | "capability" | "summary" | "input" | "output" | "price"

/**
 * What the author of a plugin says of a model. What is left away is what a plain model has; nothing that costs money or
 * may be refused is guessed: a price has a source and a date, and a refusal counts as billed unless it is said not to be.
 */
export interface ModelDraft extends Partial<Omit<Model, Given>> {
  /** Begins with its provider's id and a dot: `acme.sketch`. */
  readonly id: string
  readonly summary: string
  readonly price: Price | FlatPrice
  /** What follows the dot of the id, where it has no other name. */
  readonly displayName?: string
  readonly capability?: Model["capability"]
  /** A required prompt, and no image, mask or references unless they are given. */
  readonly input?: Partial<Model["input"]>
  /** One image a call and a request, of a size that is not known beforehand. */
  readonly output?: Partial<Model["output"]>
}

const isFlat = (price: Price | FlatPrice): price is FlatPrice => "usdPerImage" in price

const priceOf = (price: Price | FlatPrice): Price =>
  isFlat(price)
    ? {
        confidence: "known",
        rule: { kind: "per_image", tiers: [{ when: {}, ticks: ticks(price.usdPerImage) }] },
        surcharges: [],
        ceiling: ticks(price.usdPerImage),
        source: price.source,
        asOf: price.asOf
      }
    : price

const plain = {
  taskTags: [],
  execution: "executable",
  aspectRatio: { kind: "none" },
  parameters: {},
  repeatable: false,
  deadlineMillis: 120_000,
  latency: "medium",
  quality: 1,
  lifecycle: { status: "listed", endsOn: null, replacement: null, note: null },
  safety: { refusalBilled: true, note: "not documented: a refusal counts as billed" },
  migrationHints: [],
  provenance: "generative_model",
  upstream: {}
} as const satisfies Partial<Model>

/**
 * A model from what its author says of it. The result is a `Model` like any other: the registry and `providerSuite`
 * check it whole. Dies on an amount that is none: it is a constant, not input.
 *
 * @example
 * ```ts
 * import { modelOf } from "@image-skill/core/catalog/ModelDraft"
 *
 * const price = { usdPerImage: "0.02", source: "https://acme.example/pricing", asOf: "2026-11-22" }
 * export const sketch = modelOf({ id: "acme.sketch", summary: "Draws a pencil sketch of a prompt", price })
 * ```
 */
export const modelOf = (draft: ModelDraft): Model => {
  const { capability, displayName, id, input, output, price, ...own } = draft
  const dot = id.indexOf(".")
  const isEdit = input?.image === "required"
  return {
    ...plain,
    operations: [isEdit ? "image.edit" : "image.generate"],
    ...own,
    id: ModelId.make(id),
    provider: ProviderId.make(id.slice(0, Math.max(0, dot))),
    displayName: displayName ?? id.slice(dot + 1),
    capability: capability ?? capabilityOf(isEdit ? "edit" : "generate", id),
    input: { prompt: "required", promptCharactersMax: null, image: "none", mask: "none", references: null, ...input },
    output: {
      mediaTypes: ["image/png", "image/jpeg", "image/webp"],
      outputsMax: 1,
      outputsPerCall: 1,
      countParameter: null,
      size: { kind: "unknown" },
      resolutionMax: "not documented",
      ...output
    },
    price: priceOf(price)
  }
}
