import { Either, Order } from "effect"
import { nearest } from "../catalog/Catalog.ts"
import { doesCreate, doesEdit, type Model } from "../catalog/Model.ts"
import { failure } from "../kernel/Errors.ts"
import type { ModelId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { usdOf, usdOfCredits } from "../kernel/Money.ts"
import { guard } from "../pricing/BudgetGuard.ts"
import type { Plan, PlanContext, PlanFailure } from "./Planner.ts"
import type { ImageRequest } from "./Request.ts"

/** Why this model: printed in `request.selection`. */
export interface Choice {
  readonly model: Model
  readonly policy: "explicit" | "hosted_default_create_v1" | "hosted_default_edit_v1"
  readonly reason: string
  /** Parameter defaults of the policy, over the model's own: what the caller gave wins. */
  readonly defaults: JsonObject
  /** What to say beside a budget that refuses; null when nothing was looked for, or nothing can do the request. */
  readonly instead: Instead | null
}

/** The cheapest plan that fits the budget or, where none does, the cheapest that there is. */
export interface Instead {
  readonly fits: boolean
  readonly modelId: ModelId
  readonly receipt: JsonObject
}

type Draft = Omit<Plan, "choice">
type PlanOne = (model: Model, defaults?: JsonObject) => Either.Either<Draft, PlanFailure>

/** Explicit wins; else the strongest configured model that can do the request within its budget. */
export const choose = (
  request: ImageRequest,
  context: PlanContext,
  planOne: PlanOne
): Either.Either<Choice, PlanFailure> =>
  request.modelId === null ? byPolicy(request, context, planOne) : explicit(request, request.modelId, context, planOne)

const explicit = (
  request: ImageRequest,
  modelId: string,
  context: PlanContext,
  planOne: PlanOne
): Either.Either<Choice, PlanFailure> => {
  const model = context.models.find((one) => one.id === modelId)
  if (model === undefined) {
    const names = nearest(modelId, context.models)
    return Either.left(
      failure(
        "MODEL_NOT_FOUND",
        `There is no model "${modelId}"${names.length === 0 ? "" : `; near it: ${names.join(", ")}`}`,
        {
          details: { model: modelId, nearest: names },
          recovery: {
            suggested_command:
              names[0] === undefined ? "image-skill models list --json" : `image-skill models show ${names[0]} --json`
          }
        }
      )
    )
  }
  if (request.providerId !== null && request.providerId !== model.provider) {
    return Either.left(
      failure(
        "INVALID_ARGUMENTS",
        `${model.id} is not of the provider "${request.providerId}" but of "${model.provider}"`,
        {
          details: { issues: [{ path: "provider", message: `allowed with this model: ${model.provider}` }] },
          recovery: { fields: ["provider"] }
        }
      )
    )
  }
  return Either.right({
    model,
    policy: "explicit",
    reason: "the model was named",
    defaults: {},
    // Only needed when a budget refuses; planning all models for every explicit call would cost time for nothing.
    instead:
      request.budget.perImage === null && request.budget.whole === null
        ? null
        : besides(request, model, context, planOne)
  })
}

const besides = (request: ImageRequest, model: Model, context: PlanContext, planOne: PlanOne) =>
  Either.match(planOne(model), {
    onLeft: () => null,
    onRight: (draft) =>
      fits(request)(draft) ? null : cheapest(request, planned(candidates(request, context), planOne))
  })

const candidates = (request: ImageRequest, context: PlanContext): ReadonlyArray<Model> =>
  context.models
    .filter((model) => context.isConfigured(model.provider) && model.execution === "executable")
    .filter((model) => request.providerId === null || model.provider === request.providerId)
    .filter((model) => (request.command === "create" ? doesCreate(model) : doesEdit(model)))
    // A mask that was given is meant to be used, and a model that lives by one is no choice without it.
    .filter((model) => (request.mask === null) === (model.input.mask !== "required") || model.input.mask === "optional")
    .filter((model) => model.lifecycle.status === "listed")

const planned = (models: ReadonlyArray<Model>, planOne: PlanOne): ReadonlyArray<Draft> =>
  models.flatMap((model) => Either.match(planOne(model), { onLeft: () => [], onRight: (draft) => [draft] }))

const fits = (request: ImageRequest) => (draft: Draft) =>
  Either.isRight(guard(request.budget, draft.estimate, draft.hold, draft.model.id))

const byPrice = Order.mapInput(Order.number, (draft: Draft) => draft.hold)
const byQuality = Order.reverse(Order.mapInput(Order.number, (draft: Draft) => draft.model.quality))
const strongest = Order.combine(
  Order.combine(byQuality, byPrice),
  Order.mapInput(Order.string, (draft: Draft) => draft.model.id)
)

const summary = (draft: Draft, isFitting: boolean): Instead => ({
  fits: isFitting,
  modelId: draft.model.id,
  receipt: {
    model_id: draft.model.id,
    estimated_usd_per_image: usdOf(draft.worstPerImage),
    credits_required: draft.hold,
    debit_usd: usdOfCredits(draft.hold)
  }
})

const cheapest = (request: ImageRequest, drafts: ReadonlyArray<Draft>): Instead | null => {
  const fitting = drafts.filter(fits(request))
  const isFitting = fitting.length > 0
  const first = [...(isFitting ? fitting : drafts)].sort(Order.combine(byPrice, strongest))[0]
  return first === undefined ? null : summary(first, isFitting)
}

const byPolicy = (
  request: ImageRequest,
  context: PlanContext,
  planOne: PlanOne
): Either.Either<Choice, PlanFailure> => {
  const able = candidates(request, context)
  const drafts = planned(able, planOne)
  const affordable = drafts.filter(fits(request))
  const best = [...affordable].sort(strongest)[0]
  const policy = request.command === "create" ? "hosted_default_create_v1" : "hosted_default_edit_v1"
  if (best !== undefined) {
    const tier = higherTier(request, best.model, planOne)
    const reason = `${reasonOf(request, best, drafts, context)}${tier.reason}`
    return Either.right({ model: best.model, policy, reason, defaults: tier.defaults, instead: null })
  }
  const strongestOver = [...drafts].sort(strongest)[0]
  if (strongestOver !== undefined) {
    // Let the guard say what is wrong with the budget, with the cheapest that there is beside it.
    return Either.right({
      model: strongestOver.model,
      policy,
      reason: "no model fits the budget",
      defaults: {},
      instead: cheapest(request, drafts)
    })
  }
  return Either.left(noneAble(request, able, planOne))
}

const finalIntents = /\b(final|finalize|finished|product|hero|campaign|print|production)\b/i

/**
 * A final intent takes the model's higher output tier, when the caller's budget per image says that it may cost that
 * much; without such a budget it stays on the lower one.
 */
const higherTier = (
  request: ImageRequest,
  model: Model,
  planOne: PlanOne
): { readonly defaults: JsonObject; readonly reason: string } => {
  const higher = model.finalDefaults
  if (higher === undefined || !finalIntents.test(request.intent ?? "")) return { defaults: {}, reason: "" }
  const raised = Either.getOrNull(planOne(model, higher))
  return request.budget.perImage !== null && raised !== null && fits(request)(raised)
    ? { defaults: higher, reason: "; the budget allows its higher output tier" }
    : { defaults: {}, reason: "; its higher output tier needs a larger --max-estimated-usd-per-image" }
}

const reasonOf = (request: ImageRequest, best: Draft, drafts: ReadonlyArray<Draft>, context: PlanContext): string => {
  const others = drafts.filter((draft) => draft.model.quality > best.model.quality)
  const only = context.models
    .filter((model) => context.isConfigured(model.provider))
    .every((model) => model.provider === best.model.provider)
  const why = only
    ? `${best.model.provider} is the only provider configured here`
    : others.length > 0
      ? `${others.map((draft) => draft.model.id).join(", ")} would cost more than the budget`
      : "it is the strongest configured"
  return `selected for ${request.intent ?? "explore"}: ${best.model.id}, as ${why}`
}

/** With no able model, the first refusal says most: why the strongest of them would not do. */
const noneAble = (request: ImageRequest, able: ReadonlyArray<Model>, planOne: PlanOne): PlanFailure => {
  const first = [...able].sort(Order.reverse(Order.mapInput(Order.number, (model: Model) => model.quality)))[0]
  if (first === undefined) {
    return failure(
      "PROVIDER_UNAVAILABLE",
      `No configured model does ${request.command}${request.mask === null ? "" : " with a mask"}`,
      {
        recovery: { suggested_command: `image-skill models list --operation ${request.command} --json` }
      }
    )
  }
  return Either.match(planOne(first), {
    onLeft: (error) => error,
    onRight: () => failure("PROVIDER_UNAVAILABLE", "No configured model can do this", {})
  })
}
