import { Either, Order } from "effect"
import { nearest } from "../catalog/Catalog.ts"
import type { Model } from "../catalog/Model.ts"
import { failure } from "../kernel/Errors.ts"
import type { ModelId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { Credits, creditsFor, ticksOfCredits, UsdTicks, usdOf, usdOfCredits } from "../kernel/Money.ts"
import { guard } from "../pricing/BudgetGuard.ts"
import { isMeantFor, mayDo } from "./internal/able.ts"
import { checkProvider, noneAble } from "./internal/noneAble.ts"
import { floorFor, indexOf, learn, plainKey, type Ranked } from "./internal/ranking.ts"
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
  Either.flatMap(checkProvider(request, context), () =>
    request.modelId === null
      ? byPolicy(request, context, planOne)
      : explicit(request, request.modelId, context, planOne)
  )

const explicit = (
  request: ImageRequest,
  modelId: string,
  context: PlanContext,
  planOne: PlanOne
): Either.Either<Choice, PlanFailure> => {
  const model = context.model === undefined ? indexOf(context.models).byId.get(modelId) : context.model(modelId)
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
    const message = `provider is "${request.providerId}"; ${model.id} is of "${model.provider}"`
    return Either.left(
      failure("INVALID_ARGUMENTS", message, {
        details: { issues: [{ path: "provider", message }], allowed: [model.provider] },
        recovery: { fields: ["provider"] }
      })
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
    onRight: (draft) => (fits(request)(draft) ? null : cheapest(request, planned(allAble(request, context), planOne)))
  })

type IsAble = (ranked: Ranked) => boolean

/** Whether a model may be tried for the request: configured, meant for it, and not surely unable. */
const isAbleFor = (request: ImageRequest, context: PlanContext): IsAble => {
  const { providers } = indexOf(context.models)
  const isOpen = new Set(
    providers.filter((id) => context.isConfigured(id) && (request.providerId === null || request.providerId === id))
  )
  const isMeant = isMeantFor(request)
  const may = mayDo(request)
  return ({ model }) => isOpen.has(model.provider) && isMeant(model) && may(model)
}

const allAble = (request: ImageRequest, context: PlanContext): ReadonlyArray<Ranked> =>
  indexOf(context.models)
    .ranks(request.command)
    .flatMap(({ all }) => all)
    .filter(isAbleFor(request, context))

const planned = (able: ReadonlyArray<Ranked>, planOne: PlanOne): ReadonlyArray<Draft> =>
  able.flatMap(({ model }) => Either.match(planOne(model), { onLeft: () => [], onRight: (draft) => [draft] }))

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

/** Whether a plan can fit the budget at all: most that cannot are told apart without planning them. */
const mayFit = ({ budget, outputCount }: ImageRequest, { multiplier }: PlanContext, key: string | null) => {
  const { acceptUnknownCost, perImage, whole } = budget
  return (ranked: Ranked): boolean => {
    if (!acceptUnknownCost && ranked.model.price.confidence === "unknown") return false
    if (perImage === null && whole === null) return true
    const floor = UsdTicks.make(floorFor(ranked, key))
    const isWithin = () => ticksOfCredits(Credits.make(creditsFor(floor, multiplier) * outputCount)) <= (whole ?? 0)
    return (perImage === null || floor <= perImage) && (whole === null || isWithin())
  }
}

/** The first that plans within the budget, and those before it that only the budget stands against. */
const firstFitting = (request: ImageRequest, context: PlanContext, planOne: PlanOne) => {
  const isAble = isAbleFor(request, context)
  const isFitting = fits(request)
  const key = plainKey(request)
  const may = mayFit(request, context, key)
  const dearer: Array<Model> = []
  for (const rank of indexOf(context.models).ranks(request.command)) {
    const able = rank.all.filter(isAble)
    for (const one of able.length > 1 ? rank.byPrice().filter(isAble) : able) {
      const draft = may(one) ? Either.getOrNull(planOne(one.model)) : null
      if (draft !== null) learn(one, key, draft.worstPerImage)
      if (draft !== null && isFitting(draft)) return { draft, dearer }
      if (draft !== null || !may(one)) dearer.push(one.model)
    }
  }
  return null
}

const byPolicy = (
  request: ImageRequest,
  context: PlanContext,
  planOne: PlanOne
): Either.Either<Choice, PlanFailure> => {
  const best = firstFitting(request, context, planOne)
  const policy = request.command === "create" ? "hosted_default_create_v1" : "hosted_default_edit_v1"
  if (best !== null) {
    const { model } = best.draft
    const tier = higherTier(request, model, planOne)
    const reason = `${reasonOf(request, model, best.dearer, context)}${tier.reason}`
    return Either.right({ model, policy, reason, defaults: tier.defaults, instead: null })
  }
  const drafts = planned(allAble(request, context), planOne)
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
  return Either.left(noneAble(request, context, planOne))
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

const namesShown = 3

const named = (models: ReadonlyArray<Model>): string => {
  const shown = models.slice(0, namesShown).map((model) => model.id)
  return `${shown.join(", ")}${models.length > namesShown ? ` and ${models.length - namesShown} more` : ""}`
}

/** Why the stronger ones were left: their cost is over the budget, or nobody consented to learn it afterwards. */
const leftOut = (request: ImageRequest, stronger: ReadonlyArray<Model>): string => {
  const isUnsure = (model: Model) => model.price.confidence === "unknown" && !request.budget.acceptUnknownCost
  const unsure = stronger.filter(isUnsure)
  const dear = stronger.filter((model) => !isUnsure(model))
  return [
    ...(dear.length === 0 ? [] : [`${named(dear)} would cost more than the budget`]),
    ...(unsure.length === 0 ? [] : [`what ${named(unsure)} costs is known only afterwards`])
  ].join(", and ")
}

const reasonOf = (request: ImageRequest, best: Model, dearer: ReadonlyArray<Model>, context: PlanContext): string => {
  const stronger = dearer.filter((model) => model.quality > best.quality)
  const configured = indexOf(context.models).providers.filter(context.isConfigured)
  const why =
    stronger.length > 0
      ? leftOut(request, stronger)
      : configured.length === 1
        ? `${best.provider} is the only provider configured here`
        : `it is the strongest configured${request.providerId === null ? "" : ` of ${request.providerId}`}`
  return `selected for ${request.intent ?? "explore"}: ${best.id}, as ${why}`
}
