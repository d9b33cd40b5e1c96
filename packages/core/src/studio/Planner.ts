import { Either, Option } from "effect"
import type { Asset } from "../assets/Asset.ts"
import type { Model, Operation } from "../catalog/Model.ts"
import type { EffectiveParameter } from "../catalog/Parameters.ts"
import { type ErrorCode, type Failure, failure } from "../kernel/Errors.ts"
import type { AssetId } from "../kernel/Ids.ts"
import type { Json, JsonObject } from "../kernel/Json.ts"
import type { Dimensions } from "../kernel/Media.ts"
import { type CreditMultiplier, Credits, creditsFor, UsdTicks } from "../kernel/Money.ts"
import { type BudgetRefusal, guard } from "../pricing/BudgetGuard.ts"
import { type Estimate, estimate, expectedSize } from "../pricing/Pricing.ts"
import type { ProviderStatus } from "../provider/ProviderRegistry.ts"
import { asCommand } from "./internal/asCommand.ts"
import {
  checkExecutable,
  checkOutputs,
  checkPrompt,
  checkRequest,
  lifecycleWarnings,
  operationOf
} from "./internal/checks.ts"
import { constraintIssues } from "./internal/constraints.ts"
import { checkInputs } from "./internal/inputs.ts"
import { aspectParameters, checkParameters, parametersInvalid } from "./internal/parameters.ts"
import type { DescribedImage, ImageRequest } from "./Request.ts"
import { type Choice, choose } from "./Selection.ts"

/** What planning needs to know besides the request. */
export interface PlanContext {
  readonly models: ReadonlyArray<Model>
  /** Finds one of them, where that is cheaper than a look at all. */
  readonly model?: (id: string) => Model | undefined
  readonly isConfigured: (providerId: string) => boolean
  /** Every provider of the house, and what it lacks. Not given: those of the models. */
  readonly providers?: ReadonlyArray<ProviderStatus>
  readonly assets: ReadonlyMap<AssetId, Asset | DescribedImage>
  readonly multiplier: CreditMultiplier
  /** ISO date of today: models end on dates. */
  readonly today: string
}

/** What will be done, and what it will cost: a dry run prints it, a live call carries it out. */
export interface Plan {
  readonly request: ImageRequest
  /** What is edited; null for a create. */
  readonly input: Asset | DescribedImage | null
  readonly model: Model
  readonly operation: Operation
  readonly choice: Choice
  /** Ready for the provider: explicit and our defaults. What the provider defaults itself is not sent. */
  readonly parameters: JsonObject
  readonly effective: { readonly [name: string]: EffectiveParameter }
  readonly size: Option.Option<Dimensions>
  /** How the result's pixels will have come to be. */
  readonly provenance: Asset["provenance"]
  readonly outputs: number
  /** Outputs of each provider call. */
  readonly calls: ReadonlyArray<number>
  readonly estimate: Estimate
  /** The debit of the operation; null when it settles from usage. */
  readonly debit: Credits | null
  readonly holdPerImage: Credits
  readonly hold: Credits
  /** The worst that the provider may charge for one image. */
  readonly worstPerImage: UsdTicks
  readonly configured: boolean
  readonly warnings: ReadonlyArray<string>
}

export type PlanFailure = Failure<ErrorCode>

/** Request → plan. Pure and total: a dry run, a batch price and the live call are this one function. */
export const plan = (request: ImageRequest, context: PlanContext): Either.Either<Plan, PlanFailure> =>
  Either.gen(function* () {
    yield* checkRequest(request)
    const choice = yield* choose(request, context, (model, defaults) => planWith(model, request, context, defaults))
    const drafted = yield* planWith(choice.model, request, context, choice.defaults)
    const warnings = [...drafted.warnings, ...unchosenDefaults(request, choice)]
    const draft = { ...drafted, choice, warnings }
    yield* Either.mapLeft(guard(request.budget, draft.estimate, draft.hold, choice.model.id), (error) =>
      overBudget(error, request, choice, context)
    )
    return draft
  })

/** Of a model that goes by parameters alone, chosen by nobody and told nothing: it may leave the image as it was. */
const unchosenDefaults = ({ parameters }: ImageRequest, { model, policy }: Choice): ReadonlyArray<string> =>
  policy === "explicit" || model.input.prompt !== "optional" || Object.keys(parameters).length > 0
    ? []
    : [`neither a prompt nor a parameter was given: ${model.id} runs at its defaults`]

/** What the guard refused, with what to do about it: the same with consent, or a plan that costs less. */
const overBudget = (
  error: BudgetRefusal,
  request: ImageRequest,
  { instead, model }: Choice,
  context: PlanContext
): PlanFailure => {
  if (error.code === "BUDGET_REQUIRES_CONFIRMATION") {
    const isAsset = (id: AssetId) => "id" in (context.assets.get(id) ?? {})
    return failure(error.code, error.message, {
      details: { ...error.details },
      recovery: { ...error.recovery, ...asCommand(request, model, isAsset, ["--accept-unknown-cost"]) }
    })
  }
  return instead === null
    ? error
    : failure(error.code, error.message, {
        details: { ...error.details, [instead.fits ? "cheapest_plan" : "cheapest_available"]: instead.receipt },
        recovery: { suggested_command: `image-skill models show ${instead.modelId} --json` }
      })
}

/**
 * The plan with one model, before any budget is looked at. Selection uses it to price its candidates. `defaults` are
 * the policy's: what the caller gave wins over them.
 */
export const planWith = (
  model: Model,
  request: ImageRequest,
  context: PlanContext,
  defaults: JsonObject = {}
): Either.Either<Omit<Plan, "choice">, PlanFailure> =>
  Either.gen(function* () {
    const operation = yield* operationOf(model, request)
    yield* checkExecutable(model, context.today)
    const warnings = [...(yield* checkPrompt(model, request)), ...lifecycleWarnings(model)]
    yield* checkOutputs(model, request)
    yield* checkInputs(model, request, context.assets)
    const overlay = { ...defaults, ...(yield* aspectParameters(model, request)) }
    const parameters = yield* checkParameters(model, overlay, request.parameters)
    const sent = Object.fromEntries(
      Object.entries(parameters)
        .filter(([, { source }]) => source !== "provider_default")
        .map(([name, { value }]): [string, Json] => [name, value])
    )
    const all = Object.fromEntries(Object.entries(parameters).map(([name, { value }]): [string, Json] => [name, value]))
    const inputSizes = [request.image, ...request.references.map((one) => one.asset_id)].flatMap((id) => {
      const asset = id === null ? undefined : context.assets.get(id)
      return asset === undefined ? [] : [{ width: asset.width, height: asset.height }]
    })
    const inputSize = request.image === null ? Option.none() : Option.fromNullable(inputSizes[0])
    const broken = constraintIssues(model.constraints ?? [], all, inputSize)
    if (broken.length > 0) return yield* Either.left(parametersInvalid(model, broken))
    const size = expectedSize(model, all, inputSize)
    const calls = callsOf(request.outputCount, model.output.outputsPerCall)
    const cost = estimate(model.price, {
      parameters: all,
      // Each call pays what a request costs: an image costs what it does in the call that shares it among the fewest.
      outputs: Math.min(...calls),
      inputImages: (request.image === null ? 0 : 1) + request.references.length,
      inputSizes,
      size
    })
    const worst = cost.confidence === "unknown" ? cost.ceiling : cost.perImage
    if (worst === null) {
      return yield* Either.left(
        failure("MODEL_NOT_EXECUTABLE", `${model.id}: the cost of this request is not known and has no ceiling`, {
          details: { model_id: model.id },
          recovery: { suggested_command: `image-skill models show ${model.id} --json` }
        })
      )
    }
    const holdPerImage = creditsFor(worst, context.multiplier)
    const configured = context.isConfigured(model.provider)
    const input = request.image === null ? null : (context.assets.get(request.image) ?? null)
    return {
      request,
      input,
      model,
      operation,
      parameters: sent,
      effective: parameters,
      size,
      provenance: provenanceOf(model, input),
      outputs: request.outputCount,
      calls,
      estimate: cost,
      debit: cost.confidence === "unknown" ? null : Credits.make(holdPerImage * request.outputCount),
      holdPerImage,
      hold: Credits.make(holdPerImage * request.outputCount),
      worstPerImage: worst,
      configured,
      warnings: configured
        ? warnings
        : [
            ...warnings,
            `${model.id}: its provider is not configured here; a live call would answer PROVIDER_UNAVAILABLE`
          ]
    }
  })

/** An edit by an algorithm leaves the origin of its picture as it was: a generated picture stays one. */
const provenanceOf = (model: Model, input: Asset | DescribedImage | null): Asset["provenance"] => {
  if (model.provenance !== "algorithmic" || input === null) return model.provenance
  return "provenance" in input ? input.provenance : "uploaded"
}

const callsOf = (outputs: number, perCall: number): ReadonlyArray<number> =>
  Array.from({ length: Math.ceil(outputs / perCall) }, (_, index) => Math.min(perCall, outputs - index * perCall))
