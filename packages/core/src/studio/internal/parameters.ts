import { Either, Option } from "effect"
import type { Model } from "../../catalog/Model.ts"
import { type EffectiveParameter, effective } from "../../catalog/Parameters.ts"
import { failure, type Issue } from "../../kernel/Errors.ts"
import { type JsonObject, ownValue } from "../../kernel/Json.ts"
import { limits } from "../../kernel/Limits.ts"
import { fit, ratioOf } from "../../kernel/Media.ts"
import type { PlanFailure } from "../Planner.ts"
import type { ImageRequest } from "../Request.ts"
import { nativeField } from "./nativeFields.ts"

/** What the aspect ratio sets. An explicit size parameter overrides `1:1` and `auto`. */
export const aspectParameters = (model: Model, request: ImageRequest): Either.Either<JsonObject, PlanFailure> => {
  const control = model.aspectRatio
  const ratio = request.aspectRatio
  const always = ratio === "1:1" || ratio === "auto"
  const names =
    control.kind === "none" ? [] : control.kind === "dimensions" ? [control.width, control.height] : [control.name]
  const explicit = names.filter((name) => ownValue(request.parameters, name) !== undefined)
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
