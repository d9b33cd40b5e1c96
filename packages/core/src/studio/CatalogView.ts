import { Effect, Order } from "effect"
import { matches, nearest, nearestNames } from "../catalog/Catalog.ts"
import { type Model, Operation } from "../catalog/Model.ts"
import { today } from "../identity/Quota.ts"
import { fail } from "../kernel/Errors.ts"
import { ModelId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { creditsFor } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"
import { CreditPolicy } from "../pricing/CreditPolicy.ts"
import { ProviderRegistry } from "../provider/ProviderRegistry.ts"
import { unknownProvider } from "./internal/noneAble.ts"
import { type CardContext, capabilitiesJson, defaultCost, fullJson, rowJson, statusOf } from "./ModelCard.ts"

/** How a list of models is narrowed, sorted and cut. */
export interface ModelsQuery {
  readonly operation?: string | undefined
  readonly provider?: string | undefined
  readonly query?: string | undefined
  readonly available?: "true" | "false" | "" | undefined
  readonly max_credits?: number | undefined
  readonly sort?: "quality" | "price" | "id" | undefined
  readonly limit?: number | undefined
}

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
      id: Order.mapInput(Order.string, (model) => model.id)
    }

    const models = Effect.fn("CatalogView.models")(function* (query: ModelsQuery) {
      yield* checkQuery(
        query,
        registry.statuses.map(({ id }) => id)
      )
      const card = yield* context
      const narrowed = registry.models
        .filter((model) =>
          matches(model, {
            operation: query.operation ?? null,
            provider: query.provider ?? null,
            query: query.query ?? null
          })
        )
        .filter(
          (model) =>
            query.available === undefined ||
            (statusOf(model, card.isConfigured(model.provider), card.today) === "available") ===
              (query.available !== "false")
        )
        .filter((model) => query.max_credits === undefined || priceOf(model) <= query.max_credits)
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
