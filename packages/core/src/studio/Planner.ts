import { Either, Option, Redacted } from "effect"
import type { Asset } from "../assets/Asset.ts"
import type { Model, Operation } from "../catalog/Model.ts"
import { type EffectiveParameter, effective } from "../catalog/Parameters.ts"
import { type ErrorCode, type Failure, failure, type Issue } from "../kernel/Errors.ts"
import type { AssetId } from "../kernel/Ids.ts"
import type { Json, JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { type Dimensions, fit, ratioOf } from "../kernel/Media.ts"
import { type CreditMultiplier, Credits, creditsFor, UsdTicks } from "../kernel/Money.ts"
import { guard } from "../pricing/BudgetGuard.ts"
import { type Estimate, estimate, expectedSize } from "../pricing/Pricing.ts"
import { constraintIssues } from "./internal/constraints.ts"
import { checkInputs } from "./internal/inputs.ts"
import { nativeField } from "./internal/nativeFields.ts"
import type { ImageRequest } from "./Request.ts"
import { type Choice, choose } from "./Selection.ts"

/** What planning needs to know besides the request. */
export interface PlanContext {
  readonly models: ReadonlyArray<Model>
  readonly isConfigured: (providerId: Model["provider"]) => boolean
  readonly assets: ReadonlyMap<AssetId, Asset>
  readonly multiplier: CreditMultiplier
  /** ISO date of today: models end on dates. */
  readonly today: string
}

/** What will be done, and what it will cost: a dry run prints it, a live call carries it out. */
export interface Plan {
  readonly request: ImageRequest
  readonly model: Model
  readonly operation: Operation
  readonly choice: Choice
  /** Ready for the provider: explicit and our defaults. What the provider defaults itself is not sent. */
  readonly parameters: JsonObject
  readonly effective: { readonly [name: string]: EffectiveParameter }
  readonly size: Option.Option<Dimensions>
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
    const choice = yield* choose(request, context, (model) => planWith(model, request, context))
    const drafted = yield* planWith(choice.model, request, context)
    const draft = { ...drafted, choice }
    yield* Either.mapLeft(guard(request.budget, draft.estimate, draft.hold, choice.model.id), (error) =>
      choice.cheaper === null || error.code !== "BUDGET_EXCEEDED"
        ? error
        : failure(error.code, error.message, {
            details: { ...error.details, cheapest_plan: choice.cheaper },
            recovery: { suggested_command: `image-skill models show ${String(choice.cheaper["model_id"])} --json` }
          })
    )
    return draft
  })

const checkRequest = (request: ImageRequest): Either.Either<void, PlanFailure> => {
  if (
    !Number.isInteger(request.outputCount) ||
    request.outputCount < 1 ||
    request.outputCount > limits.outputCountMax
  ) {
    return Either.left(
      failure("INVALID_ARGUMENTS", `output_count is ${request.outputCount}; allowed: 1 to ${limits.outputCountMax}`, {
        details: { issues: [{ path: "output_count", message: `allowed: 1 to ${limits.outputCountMax}` }] },
        recovery: { fields: ["output_count"] }
      })
    )
  }
  return Either.right(undefined)
}

/** The plan with one model, before any budget is looked at. Selection uses it to price its candidates. */
export const planWith = (
  model: Model,
  request: ImageRequest,
  context: PlanContext
): Either.Either<Omit<Plan, "choice">, PlanFailure> =>
  Either.gen(function* () {
    const operation = yield* operationOf(model, request)
    yield* checkExecutable(model, context.today)
    const warnings = [...(yield* checkPrompt(model, request)), ...lifecycleWarnings(model)]
    yield* checkOutputs(model, request)
    yield* checkInputs(model, request, context.assets)
    const overlay = yield* aspectParameters(model, request)
    const parameters = yield* checkParameters(model, overlay, request.parameters)
    const sent = Object.fromEntries(
      Object.entries(parameters)
        .filter(([, { source }]) => source !== "provider_default")
        .map(([name, { value }]): [string, Json] => [name, value])
    )
    const all = Object.fromEntries(Object.entries(parameters).map(([name, { value }]): [string, Json] => [name, value]))
    const broken = constraintIssues(model.constraints ?? [], all)
    if (broken.length > 0) return yield* Either.left(parametersInvalid(model, broken))
    const size = expectedSize(model, all)
    const cost = estimate(model.price, {
      parameters: all,
      outputs: request.outputCount,
      inputImages: (request.image === null ? 0 : 1) + request.references.length,
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
    return {
      request,
      model,
      operation,
      parameters: sent,
      effective: parameters,
      size,
      outputs: request.outputCount,
      calls: callsOf(request.outputCount, model.output.outputsPerCall),
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

const callsOf = (outputs: number, perCall: number): ReadonlyArray<number> =>
  Array.from({ length: Math.ceil(outputs / perCall) }, (_, index) => Math.min(perCall, outputs - index * perCall))

const operationOf = (model: Model, request: ImageRequest): Either.Either<Operation, PlanFailure> => {
  const found = model.operations.find(
    (operation) => (operation === "image.generate") === (request.command === "create")
  )
  return found !== undefined
    ? Either.right(found)
    : Either.left(
        failure("OPERATION_NOT_SUPPORTED", `${model.id} does ${model.operations.join(", ")}, not ${request.command}`, {
          details: { model_id: model.id, operations: [...model.operations], command: request.command },
          recovery: { suggested_command: `image-skill models list --operation ${request.command} --json` }
        })
      )
}

const checkExecutable = (model: Model, today: string): Either.Either<void, PlanFailure> => {
  const { status, endsOn, replacement, note } = model.lifecycle
  if (status === "retired" || (endsOn !== null && endsOn <= today)) {
    return Either.left(
      failure("MODEL_RETIRED", `${model.id} is gone${replacement === null ? "" : `; use ${replacement}`}`, {
        details: { model_id: model.id, replacement, note, ends_on: endsOn },
        recovery: {
          suggested_command: `image-skill models ${replacement === null ? "list" : `show ${replacement}`} --json`
        }
      })
    )
  }
  return model.execution === "executable"
    ? Either.right(undefined)
    : Either.left(
        failure("MODEL_NOT_EXECUTABLE", `${model.id} is listed only: ${model.execution.cataloged}`, {
          details: { model_id: model.id, reason: model.execution.cataloged },
          recovery: { suggested_command: "image-skill models list --available --json" }
        })
      )
}

const lifecycleWarnings = (model: Model): ReadonlyArray<string> => {
  const { endsOn, replacement, note } = model.lifecycle
  const end =
    endsOn === null ? [] : [`${model.id} ends on ${endsOn}${replacement === null ? "" : `; use ${replacement}`}`]
  return note === null ? end : [...end, `${model.id}: ${note}`]
}

const checkPrompt = (model: Model, request: ImageRequest): Either.Either<ReadonlyArray<string>, PlanFailure> => {
  const text = request.prompt === null ? "" : Redacted.value(request.prompt)
  const max = Math.min(model.input.promptCharactersMax ?? limits.promptCharactersMax, limits.promptCharactersMax)
  const wrong = (message: string) =>
    Either.left(
      failure("INVALID_ARGUMENTS", message, {
        details: { issues: [{ path: "prompt", message }] },
        recovery: { required_flag: "--prompt" }
      })
    )
  if (text.length > max) return wrong(`the prompt has ${text.length} characters; ${model.id} takes ${max}`)
  if (model.input.prompt === "required" && text.trim() === "") return wrong(`${model.id} needs a prompt`)
  if (text === "") return Either.right([])
  if (model.input.prompt === "none") {
    return wrong(`${model.id} takes no prompt: leave it away`)
  }
  return Either.right(
    model.input.prompt === "optional" ? [`the prompt has no effect on ${model.id}, and is not kept`] : []
  )
}

const checkOutputs = (model: Model, request: ImageRequest): Either.Either<void, PlanFailure> =>
  request.outputCount <= model.output.outputsMax
    ? Either.right(undefined)
    : Either.left(
        failure(
          "OUTPUT_COUNT_NOT_SUPPORTED",
          `${model.id} makes at most ${model.output.outputsMax} images in a request; ${request.outputCount} were asked for`,
          {
            details: {
              model_id: model.id,
              output_count: request.outputCount,
              max_outputs_per_request: model.output.outputsMax
            },
            recovery: { suggested_command: `image-skill models show ${model.id} --json` }
          }
        )
      )

/** What the aspect ratio sets. An explicit size parameter overrides `1:1` and `auto`. */
const aspectParameters = (model: Model, request: ImageRequest): Either.Either<JsonObject, PlanFailure> => {
  const control = model.aspectRatio
  const ratio = request.aspectRatio
  const always = ratio === "1:1" || ratio === "auto"
  const names =
    control.kind === "none" ? [] : control.kind === "dimensions" ? [control.width, control.height] : [control.name]
  const explicit = names.filter((name) => request.parameters[name] !== undefined)
  const refused = (message: string, allowed: ReadonlyArray<string>) =>
    Either.left(
      failure("INVALID_ARGUMENTS", message, {
        details: { issues: [{ path: "aspect_ratio", message }], aspect_ratio: ratio, allowed },
        recovery: { fields: ["aspect_ratio"], suggested_command: `image-skill models show ${model.id} --json` }
      })
    )
  if (explicit.length > 0) {
    return always
      ? Either.right({})
      : refused(`aspect_ratio ${ratio} and the parameter ${explicit.join(", ")} both set the size: give one`, [
          "1:1",
          "auto"
        ])
  }
  switch (control.kind) {
    case "none":
      return always
        ? Either.right({})
        : refused(`${model.id} makes no choice of aspect ratio; ${ratio} was asked for`, ["1:1", "auto"])
    case "parameter":
      return control.values.includes(ratio)
        ? Either.right({ [control.name]: ratio })
        : always
          ? Either.right({})
          : refused(`${model.id} makes ${control.values.join(", ")}; ${ratio} was asked for`, control.values)
    case "sizes": {
      const size = Object.hasOwn(control.sizes, ratio) ? control.sizes[ratio] : undefined
      return size !== undefined
        ? Either.right({ [control.name]: size })
        : always
          ? Either.right({})
          : refused(
              `${model.id} makes ${Object.keys(control.sizes).join(", ")}; ${ratio} was asked for`,
              Object.keys(control.sizes)
            )
    }
    case "dimensions": {
      const sides = Option.map(ratioOf(ratio), (parts) => fit(parts, { pixels: control.pixels, multipleOf: 8 }))
      return Option.match(sides, {
        onNone: () => Either.right({}),
        onSome: ({ width, height }) =>
          Math.min(width, height) >= control.sideMin && Math.max(width, height) <= control.sideMax
            ? Either.right({ [control.width]: width, [control.height]: height })
            : refused(
                `${ratio} would be ${width}x${height}; ${model.id} makes sides of ${control.sideMin} to ${control.sideMax}`,
                ["1:1", "auto"]
              )
      })
    }
  }
}

const parametersInvalid = (model: Model, issues: ReadonlyArray<Issue>): PlanFailure =>
  failure("MODEL_PARAMETERS_INVALID", issues.map((issue) => issue.message).join("; "), {
    details: { model_id: model.id, issues: issues.map(({ path, message }) => ({ path, message })) },
    recovery: {
      suggested_command: `image-skill models show ${model.id} --json`,
      fields: issues.map((issue) => issue.path)
    }
  })

const checkParameters = (
  model: Model,
  overlay: JsonObject,
  given: JsonObject
): Either.Either<{ readonly [name: string]: EffectiveParameter }, PlanFailure> => {
  const recovery = { suggested_command: `image-skill models show ${model.id} --json` }
  if (Object.keys(given).length > limits.parameterKeysMax) {
    return Either.left(
      failure(
        "MODEL_PARAMETERS_INVALID",
        `${Object.keys(given).length} parameters; at most ${limits.parameterKeysMax} are taken`,
        { recovery }
      )
    )
  }
  for (const name of Object.keys(given)) {
    const control = Object.hasOwn(model.parameters, name) ? null : nativeField(name)
    if (control !== null) {
      return Either.left(
        failure("PROVIDER_NATIVE_FIELD_DENIED", `"${name}" is the provider's own field: use ${control} instead`, {
          details: { field: name, use: control },
          recovery: { required_flag: control }
        })
      )
    }
  }
  return Either.mapBoth(effective(model.parameters, given), {
    onLeft: (problem) =>
      problem._tag === "Invalid"
        ? parametersInvalid(model, problem.issues)
        : failure(
            "MODEL_PARAMETER_NOT_EXECUTABLE",
            `"${problem.name}" of ${model.id} cannot be set: ${problem.reason}`,
            {
              details: { model_id: model.id, parameter: problem.name, reason: problem.reason },
              recovery: { ...recovery, fields: [problem.name] }
            }
          ),
    onRight: (parameters) => ({
      ...parameters,
      ...Object.fromEntries(
        Object.entries(overlay).map(([name, value]): [string, EffectiveParameter] => [
          name,
          { value, source: "default_policy" }
        ])
      )
    })
  })
}

/** What a call may cost its provider at most: for exposure and for reports. */
export const worstOf = (drafted: Pick<Plan, "worstPerImage">, outputs: number): UsdTicks =>
  UsdTicks.make(drafted.worstPerImage * outputs)
