import { Either, Option } from "effect"
import type { AspectRatioControl, Model } from "../../catalog/Model.ts"
import { type EffectiveParameter, effective } from "../../catalog/Parameters.ts"
import { failure, type Issue } from "../../kernel/Errors.ts"
import { type JsonObject, ownValue } from "../../kernel/Json.ts"
import { limits } from "../../kernel/Limits.ts"
import { type AspectRatio, ratioOf } from "../../kernel/Media.ts"
import type { PlanFailure } from "../Planner.ts"
import type { ImageRequest } from "../Request.ts"
import { allowedRatios, areMade, ratiosOf, sidesOf } from "./aspectRatios.ts"
import { nativeField } from "./nativeFields.ts"

/** What the aspect ratio sets. An explicit size parameter overrides `1:1` and `auto`. */
export const aspectParameters = (model: Model, request: ImageRequest): Either.Either<JsonObject, PlanFailure> => {
  const control = model.aspectRatio
  const ratio = request.aspectRatio
  const always = ratio === "1:1" || ratio === "auto"
  const explicit = sizeNames(control).filter((name) => ownValue(request.parameters, name) !== undefined)
  if (explicit.length > 0) {
    const clash = `aspect_ratio ${ratio} and the parameter ${explicit.join(", ")} both set the size: give one`
    return always ? Either.right({}) : Either.left(ratioRefused(model, ratio, clash, ["1:1", "auto"]))
  }
  const set = setBy(control, ratio)
  if (set !== null) return Either.right(set)
  return always
    ? Either.right({})
    : Either.left(ratioRefused(model, ratio, whyNot(model, ratio), allowedRatios(control)))
}

const sizeNames = (control: AspectRatioControl): ReadonlyArray<string> => {
  switch (control.kind) {
    case "none":
      return []
    case "dimensions":
      return [control.width, control.height]
    case "parameter":
    case "sizes":
      return [control.name]
  }
}

/** The parameters that make this ratio; null when the model does not make it. */
const setBy = (control: AspectRatioControl, ratio: AspectRatio): JsonObject | null => {
  switch (control.kind) {
    case "none":
      return null
    case "parameter":
      return control.values.includes(ratio) ? { [control.name]: ratio } : null
    case "sizes": {
      const size = Object.hasOwn(control.sizes, ratio) ? control.sizes[ratio] : undefined
      return size === undefined ? null : { [control.name]: size }
    }
    case "dimensions": {
      const sides = Option.map(ratioOf(ratio), (parts) => sidesOf(control, parts))
      return Option.match(sides, {
        onNone: () => null,
        onSome: ({ width, height }) =>
          areMade(control, { width, height }) ? { [control.width]: width, [control.height]: height } : null
      })
    }
  }
}

const whyNot = (model: Model, ratio: AspectRatio): string => {
  const control = model.aspectRatio
  switch (control.kind) {
    case "none":
      return `${model.id} makes no choice of aspect ratio; ${ratio} was asked for`
    case "parameter":
    case "sizes":
      return `${model.id} makes ${ratiosOf(control).join(", ")}; ${ratio} was asked for`
    case "dimensions": {
      const sides = Option.map(ratioOf(ratio), (parts) => sidesOf(control, parts))
      const size = Option.match(sides, { onNone: () => ratio, onSome: ({ width, height }) => `${width}x${height}` })
      return `${ratio} would be ${size}; ${model.id} makes any ratio whose sides are ${control.sideMin} to ${control.sideMax}`
    }
  }
}

const ratioRefused = (model: Model, ratio: string, message: string, allowed: ReadonlyArray<string>): PlanFailure =>
  failure("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: "aspect_ratio", message }], aspect_ratio: ratio, allowed },
    recovery: { fields: ["aspect_ratio"], suggested_command: `image-skill models show ${model.id} --json` }
  })

export const parametersInvalid = (model: Model, issues: ReadonlyArray<Issue>): PlanFailure =>
  failure("MODEL_PARAMETERS_INVALID", issues.map((issue) => issue.message).join("; "), {
    details: { model_id: model.id, issues: issues.map(({ path, message }) => ({ path, message })) },
    recovery: {
      suggested_command: `image-skill models show ${model.id} --json`,
      fields: issues.map((issue) => issue.path)
    }
  })

export const checkParameters = (
  model: Model,
  overlay: JsonObject,
  given: JsonObject
): Either.Either<{ readonly [name: string]: EffectiveParameter }, PlanFailure> => {
  const recovery = { suggested_command: `image-skill models show ${model.id} --json` }
  if (Object.keys(given).length > limits.parameterKeysMax) {
    const message = `${Object.keys(given).length} parameters; at most ${limits.parameterKeysMax} are taken`
    return Either.left(parametersInvalid(model, [{ path: "model_parameters", message }]))
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
        Object.entries(overlay)
          .filter(([name]) => ownValue(given, name) === undefined)
          .map(([name, value]): [string, EffectiveParameter] => [name, { value, source: "default_policy" }])
      )
    })
  })
}
