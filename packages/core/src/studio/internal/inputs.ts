import { Either } from "effect"
import { inputFileIssues } from "../../catalog/InputFiles.ts"
import type { Model } from "../../catalog/Model.ts"
import { referenceIssues, rolesOf } from "../../catalog/References.ts"
import { type Failure, failure } from "../../kernel/Errors.ts"
import type { AssetId } from "../../kernel/Ids.ts"
import type { DescribedImage, ImageRequest } from "../Request.ts"

type InputFailure = Failure<
  "INVALID_ARGUMENTS" | "MASK_NOT_SUPPORTED" | "REFERENCES_NOT_SUPPORTED" | "REFERENCES_INVALID"
>

const missing = (model: Model, path: string, flag: string) =>
  failure("INVALID_ARGUMENTS", `${model.id} needs ${path}: give it with ${flag}`, {
    details: { issues: [{ path, message: `${path} is required` }] },
    recovery: { required_flag: flag, missing_inputs: [path] }
  })

/** The input image, the mask and the references that a request has, against what the model takes. */
export const checkInputs = (
  model: Model,
  request: ImageRequest,
  assets: ReadonlyMap<AssetId, DescribedImage>
): Either.Either<void, InputFailure> => {
  const show = { suggested_command: `image-skill models show ${model.id} --json` }
  if (model.input.image === "required" && request.image === null) {
    return Either.left(missing(model, "input_asset_id", "--input"))
  }
  if (model.input.mask === "required" && request.mask === null) {
    return Either.left(missing(model, "mask_asset_id", "--mask"))
  }
  if (model.input.mask === "none" && request.mask !== null) {
    return Either.left(
      failure("MASK_NOT_SUPPORTED", `${model.id} takes no mask`, { details: { model_id: model.id }, recovery: show })
    )
  }
  const assetOf = (id: AssetId | null) => (id === null ? undefined : assets.get(id))
  const broken =
    model.input.files === undefined
      ? []
      : inputFileIssues(model.input.files, assetOf(request.image), assetOf(request.mask))
  if (broken.length > 0) {
    return Either.left(
      failure("INVALID_ARGUMENTS", broken.map((issue) => issue.message).join("; "), {
        details: { model_id: model.id, issues: broken.map(({ path, message }) => ({ path, message })) },
        recovery: { ...show, fields: [...new Set(broken.map((issue) => issue.path))] }
      })
    )
  }
  const rules = model.input.references
  const needed = rules?.kind === "images" ? (rules.indexesMin ?? 0) : 0
  if (request.references.length < needed) return Either.left(missing(model, "references", "--reference-image"))
  if (request.references.length === 0) return Either.right(undefined)
  const roles = rules === null ? [] : rolesOf(rules)
  const foreign = request.references.find((reference) => !roles.includes(reference.role))
  if (rules === null || foreign !== undefined) {
    return Either.left(
      failure(
        "REFERENCES_NOT_SUPPORTED",
        `${model.id} takes ${roles.length === 0 ? "no references" : `references of role ${roles.join(", ")}`}; ${foreign?.role ?? "some"} was given`,
        { details: { model_id: model.id, roles: [...roles] }, recovery: show }
      )
    )
  }
  const issues = referenceIssues(rules, request.references, (id) => assets.get(id))
  return issues.length === 0
    ? Either.right(undefined)
    : Either.left(
        failure("REFERENCES_INVALID", issues.map((issue) => issue.message).join("; "), {
          details: { model_id: model.id, issues: issues.map(({ path, message }) => ({ path, message })) },
          recovery: show
        })
      )
}
