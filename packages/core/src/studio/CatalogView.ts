import { Effect, Order } from "effect"
import { fitOf, matches, nearest, nearestNames } from "../catalog/Catalog.ts"
import { type Model, Operation } from "../catalog/Model.ts"
import { today } from "../identity/Quota.ts"
import { fail } from "../kernel/Errors.ts"
import { ModelId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { creditsFor } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"
import { CreditPolicy } from "../pricing/CreditPolicy.ts"
import { ProviderRegistry } from "../provider/ProviderRegistry.ts"
import { overviewJson } from "./CatalogOverview.ts"
import { unknownProvider } from "./internal/noneAble.ts"
import { type CardContext, capabilitiesJson, defaultCost, foundJson, fullJson, rowJson, statusOf } from "./ModelCard.ts"

/** How a list of models is narrowed, sorted and cut. */
export interface ModelsQuery {
  readonly operation?: string | undefined
  readonly provider?: string | undefined
  readonly query?: string | undefined
  readonly available?: "true" | "false" | "" | undefined
  readonly max_credits?: number | undefined
  readonly sort?: "quality" | "price" | "latency" | "id" | undefined
  readonly limit?: number | undefined
  /** How much to tell: `find` ranks by the words and is terse, `overview` is the whole on one screen. */
  readonly view?: "overview" | "find" | "list" | undefined
}

const latencies: Readonly<Record<Model["latency"], number>> = { instant: 0, fast: 1, medium: 2, slow: 3 }

/** Rows of `find` without a limit of its own. */
const foundMax = 8

const noFilter = { operation: null, provider: null, query: null }

const operations: ReadonlyArray<string> = ["create", "edit", ...Operation.literals]

/** A filter that no model can pass is a mistyped one. */
const checkQuery = ({ operation, provider }: ModelsQuery, providers: ReadonlyArray<string>) => {
  if (provider !== undefined && !providers.includes(provider)) return Effect.fail(unknownProvider(provider, providers))
  if (operation === undefined || operations.includes(operation)) return Effect.void
  const message = `There is no operation "${quoted(operation)}"; allowed: ${operations.join(", ")}`
  return fail("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: "operation", message }], allowed: operations },
    recovery: { fields: ["operation"], suggested_command: "image-skill models list --json" }
  })
}

/** The catalogue as `models` and `capabilities` print it. Touches no database. */
export class CatalogView extends Effect.Service<CatalogView>()("@image-skill/core/CatalogView", {
  effect: Effect.gen(function* () {
    const registry = yield* ProviderRegistry
    const policy = yield* CreditPolicy
    const context: Effect.Effect<CardContext> = Effect.map(today, ({ day }) => ({
      multiplier: policy.multiplier,
      isConfigured: registry.isConfigured,
      today: day
    }))

    const priceOf = (model: Model): number => {
      const cost = defaultCost(model)
      return cost._tag === "None" ? Number.POSITIVE_INFINITY : creditsFor(cost.value, policy.multiplier)
    }

    const orders: { readonly [sort: string]: Order.Order<Model> } = {
      quality: Order.reverse(Order.mapInput(Order.number, (model) => model.quality)),
      price: Order.mapInput(Order.number, priceOf),
      latency: Order.mapInput(Order.number, (model) => latencies[model.latency]),
      id: Order.mapInput(Order.string, (model) => model.id)
    }

    const isReady = (model: Model, card: CardContext) =>
      statusOf(model, card.isConfigured(model.provider), card.today) === "available"

    /** Every filter but the words. */
    const passes = (query: ModelsQuery, card: CardContext) => (model: Model) =>
      matches(model, { operation: query.operation ?? null, provider: query.provider ?? null, query: null }) &&
      (query.available === undefined || isReady(model, card) === (query.available !== "false")) &&
      (query.max_credits === undefined || priceOf(model) <= query.max_credits)

    /** What runs here, what a setting away would, and what no call can be made to. */
    const readiness = (card: CardContext) => (model: Model) =>
      isReady(model, card) ? 0 : statusOf(model, true, card.today) === "available" ? 1 : 2

    /** The models that more words fit, and fit well; those that cannot be called are last, whatever the order. */
    const found = (query: ModelsQuery, card: CardContext): JsonObject => {
      const words = query.query ?? ""
      const fits = new Map(registry.models.map((model) => [model, fitOf(model, words)]))
      const fit = (model: Model) => fits.get(model) ?? 0
      const all = registry.models.filter(passes(query, card))
      const best = Math.max(0, ...all.map(fit))
      // Beside a model that has a word for its tag, one that has it in the middle of another word is noise.
      const isFitting = (one: number) =>
        Math.floor(one / 1000) === Math.floor(best / 1000) && one % 1000 > (best % 1000) / 2
      const fitting = words.trim() === "" ? all : all.filter((model) => fit(model) > 0 && isFitting(fit(model)))
      const byFit = Order.reverse(Order.mapInput(Order.number, fit))
      const byReadiness = Order.mapInput(Order.number, readiness(card))
      const isCalled = Order.mapInput(Order.number, (model: Model) => (readiness(card)(model) === 2 ? 1 : 0))
      const asked = orders[query.sort ?? "quality"] ?? byFit
      const order = query.sort === undefined ? [byFit, byReadiness, asked] : [asked, byFit, byReadiness]
      const rows = [...fitting].sort(Order.combineAll([isCalled, ...order])).slice(0, query.limit ?? foundMax)
      return { models: rows.map((model) => foundJson(model, card)), count: rows.length, total: fitting.length }
    }

    const models = Effect.fn("CatalogView.models")(function* (query: ModelsQuery) {
      yield* checkQuery(
        query,
        registry.statuses.map(({ id }) => id)
      )
      const card = yield* context
      if (query.view === "overview") {
        return overviewJson({ ...card, models: registry.models, providers: registry.statuses })
      }
      if (query.view === "find") return found(query, card)
      const narrowed = registry.models
        .filter(passes(query, card))
        .filter((model) => matches(model, { ...noFilter, query: query.query ?? null }))
      const order = query.sort === undefined ? undefined : orders[query.sort]
      const sorted = order === undefined ? narrowed : [...narrowed].sort(order)
      const rows = sorted.slice(0, query.limit ?? sorted.length).map((model) => rowJson(model, card))
      const result: JsonObject = { models: rows, count: rows.length, total: narrowed.length }
      return result
    })

    const model = Effect.fn("CatalogView.model")(function* (id: string) {
      const found = registry.model(ModelId.make(id, { disableValidation: true }))
      if (found === undefined) {
        const near = nearest(id, registry.models)
        return yield* fail(
          "MODEL_NOT_FOUND",
          `There is no model "${quoted(id)}"${near.length === 0 ? "" : `; near it: ${near.join(", ")}`}`,
          {
            details: { model: quoted(id), nearest: near },
            recovery: {
              suggested_command:
                near[0] === undefined ? "image-skill models list --json" : `image-skill models show ${near[0]} --json`
            }
          }
        )
      }
      const result: JsonObject = { model: fullJson(found, yield* context) }
      return result
    })

    const capabilities = Effect.map(
      context,
      (card): JsonObject => ({ capabilities: capabilitiesJson(registry.models, card) })
    )

    const capability = Effect.fn("CatalogView.capability")(function* (id: string) {
      const card = yield* context
      const own = registry.models.filter((one) => one.capability === id)
      const found = capabilitiesJson(own, card)[0]
      if (found === undefined) {
        const near = nearestNames(id, [...new Set(registry.models.map((one): string => one.capability))])
        return yield* fail("CAPABILITY_NOT_FOUND", `There is no capability "${quoted(id)}"`, {
          details: { capability: quoted(id), nearest: near },
          recovery: {
            suggested_command:
              near[0] === undefined
                ? "image-skill capabilities list --json"
                : `image-skill capabilities show ${near[0]} --json`
          }
        })
      }
      const result: JsonObject = { capability: { ...found, models: own.map((one) => fullJson(one, card)) } }
      return result
    })

    return { models, model, capabilities, capability } as const
  })
}) {}
