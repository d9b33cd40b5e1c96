import { Either, Redacted } from "effect"
import type { Model, Operation } from "../../catalog/Model.ts"
import { failure, type Recovery } from "../../kernel/Errors.ts"
import { limits } from "../../kernel/Limits.ts"
import type { PlanFailure } from "../Planner.ts"
import type { ImageRequest } from "../Request.ts"

export const checkRequest = (request: ImageRequest): Either.Either<void, PlanFailure> => {
  if (
    !Number.isInteger(request.outputCount) ||
    request.outputCount < 1 ||
    request.outputCount > limits.outputCountMax
  ) {
    const message = `output_count is ${request.outputCount}; allowed: 1 to ${limits.outputCountMax}, in whole numbers`
    return Either.left(
      failure("INVALID_ARGUMENTS", message, {
        details: { issues: [{ path: "output_count", message }] },
        recovery: { fields: ["output_count"] }
      })
    )
  }
  return Either.right(undefined)
}

export const operationOf = (model: Model, request: ImageRequest): Either.Either<Operation, PlanFailure> => {
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

export const checkExecutable = (model: Model, today: string): Either.Either<void, PlanFailure> => {
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

export const lifecycleWarnings = (model: Model): ReadonlyArray<string> => {
  const { endsOn, replacement, note } = model.lifecycle
  const end =
    endsOn === null ? [] : [`${model.id} ends on ${endsOn}${replacement === null ? "" : `; use ${replacement}`}`]
  return note === null ? end : [...end, `${model.id}: ${note}`]
}

export const checkPrompt = (model: Model, request: ImageRequest): Either.Either<ReadonlyArray<string>, PlanFailure> => {
  const text = request.prompt === null ? "" : Redacted.value(request.prompt)
  const max = Math.min(model.input.promptCharactersMax ?? limits.promptCharactersMax, limits.promptCharactersMax)
  const wrong = (message: string, recovery: Recovery = { fields: ["prompt"] }) =>
    Either.left(failure("INVALID_ARGUMENTS", message, { details: { issues: [{ path: "prompt", message }] }, recovery }))
  if (text.length > max) return wrong(`the prompt has ${text.length} characters; ${model.id} takes at most ${max}`)
  if (model.input.prompt === "required" && text.trim() === "") {
    return wrong(`${model.id} needs a prompt`, { required_flag: "--prompt", missing_inputs: ["prompt"] })
  }
  if (text === "") return Either.right([])
  if (model.input.prompt === "none") {
    return wrong(`${model.id} takes no prompt: leave it away`)
  }
  return Either.right(
    model.input.prompt === "optional" ? [`the prompt has no effect on ${model.id}, and is not kept`] : []
  )
}

export const checkOutputs = (model: Model, request: ImageRequest): Either.Either<void, PlanFailure> =>
  request.outputCount <= model.output.outputsMax
    ? Either.right(undefined)
    : Either.left(
        failure(
          "OUTPUT_COUNT_NOT_SUPPORTED",
          `${model.id} makes at most ${model.output.outputsMax} image${model.output.outputsMax === 1 ? "" : "s"} in a request; ${request.outputCount} were asked for`,
          {
            details: {
              model_id: model.id,
              output_count: request.outputCount,
              max_outputs_per_request: model.output.outputsMax,
              issues: [
                {
                  path: "output_count",
                  message: `output_count is ${request.outputCount}; ${model.id} allows 1 to ${model.output.outputsMax}`
                }
              ]
            },
            recovery: {
              fields: ["output_count"],
              suggested_command: `image-skill models show ${model.id} --json`
            }
          }
        )
      )
