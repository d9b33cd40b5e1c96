import { Option, Order } from "effect"
import type { Model, Price } from "../../catalog/Model.ts"
import { lazily } from "../../kernel/Lazily.ts"
import { defaultCost } from "../ModelCard.ts"
import type { ImageRequest } from "../Request.ts"

/** A model that may be chosen for a request which names none. */
export interface Ranked {
  readonly model: Model
  /** No image of it costs less at its provider, in ticks: what a budget can be held against before planning. */
  readonly floor: number
  /** What an image came to in plans of requests that bring nothing but words, in ticks, by what else such a cost hangs on. */
  readonly plain: Map<string, number>
}

/** Models that are equally strong. */
export interface Rank {
  readonly all: ReadonlyArray<Ranked>
  /** The cheapest at its defaults first, then by id. Prices take time: they are looked at once, when first asked for. */
  readonly byPrice: () => ReadonlyArray<Ranked>
}

/** What planning looks up in a catalogue, made once for each: planning must not cost more as it grows. */
export interface CatalogIndex {
  readonly byId: ReadonlyMap<string, Model>
  readonly providers: ReadonlyArray<Model["provider"]>
  /** The strongest first. Executable and listed models only. */
  readonly ranks: (command: "create" | "edit") => ReadonlyArray<Rank>
}

/** Upscaling and taking a background away are edits that nobody means without naming them. */
const operations = { create: "image.generate", edit: "image.edit" } as const

const lowest = (amounts: ReadonlyArray<number>): number => (amounts.length === 0 ? 0 : Math.min(...amounts))

const floorOfRule = (price: Price): number => {
  const { rule } = price
  switch (rule.kind) {
    case "per_image":
      return lowest(rule.tiers.map((tier) => tier.ticks))
    case "per_megapixel":
      return rule.rounding === "up" ? rule.ticks : 0
    case "image_tokens":
    case "unknown":
      return 0
  }
}

const floorOf = (price: Price): number => {
  const ceiling = price.ceiling ?? Number.POSITIVE_INFINITY
  if (price.confidence === "unknown") return price.inputCeiling === undefined ? (price.ceiling ?? 0) : 0
  return Math.min(floorOfRule(price), ceiling)
}

const defaultPrice = ({ model }: Ranked): number =>
  Option.getOrElse(defaultCost(model), () => model.price.ceiling ?? Number.POSITIVE_INFINITY)

interface Priced {
  readonly ranked: Ranked
  readonly price: number
}

const byPriceThenId: Order.Order<Priced> = Order.combine(
  Order.mapInput(Order.number, ({ price }: Priced) => price),
  Order.mapInput(Order.string, ({ ranked }: Priced) => ranked.model.id)
)

const rankOf = (all: ReadonlyArray<Ranked>): Rank => ({
  all,
  byPrice: lazily(() =>
    all
      .map((ranked) => ({ ranked, price: defaultPrice(ranked) }))
      .sort(byPriceThenId)
      .map(({ ranked }) => ranked)
  )
})

const ranksOf = (models: ReadonlyArray<Model>, command: "create" | "edit"): ReadonlyArray<Rank> => {
  const byQuality = new Map<number, Array<Ranked>>()
  for (const model of models) {
    const isChoice =
      model.execution === "executable" &&
      model.lifecycle.status === "listed" &&
      model.operations.includes(operations[command])
    if (!isChoice) continue
    const equals = byQuality.get(model.quality) ?? []
    equals.push({ model, floor: floorOf(model.price), plain: new Map() })
    byQuality.set(model.quality, equals)
  }
  return [...byQuality].sort(([a], [b]) => b - a).map(([, all]) => rankOf(all))
}

/** Ratios are the caller's own words: a list of them must end. */
const plainMost = 64

/** Of a request that brings nothing but words: what its cost hangs on besides the model. Null for any other. */
export const plainKey = ({ aspectRatio, image, mask, outputCount, parameters, references }: ImageRequest) =>
  image === null && mask === null && references.length === 0 && Object.keys(parameters).length === 0
    ? `${aspectRatio} ${outputCount}`
    : null

/** The least that an image of it can cost in such a request: what a plan said, where there was one. */
export const floorFor = ({ floor, plain }: Ranked, key: string | null): number =>
  key === null ? floor : (plain.get(key) ?? floor)

/** Remembers what a plan said: plans of the same model and key cost the same. */
export const learn = ({ plain }: Ranked, key: string | null, ticksPerImage: number): void => {
  if (key !== null && plain.size < plainMost) plain.set(key, ticksPerImage)
}

const indexes = new WeakMap<ReadonlyArray<Model>, CatalogIndex>()

/** The index of a catalogue, by the identity of its list. */
export const indexOf = (models: ReadonlyArray<Model>): CatalogIndex => {
  const known = indexes.get(models)
  if (known !== undefined) return known
  const ranks = { create: lazily(() => ranksOf(models, "create")), edit: lazily(() => ranksOf(models, "edit")) }
  const index: CatalogIndex = {
    byId: new Map(models.map((model) => [model.id, model])),
    providers: [...new Set(models.map((model) => model.provider))],
    ranks: (command) => ranks[command]()
  }
  indexes.set(models, index)
  return index
}
