import type { Asset } from "@image-skill/core/assets/Asset"
import { doesCreate, type Model } from "@image-skill/core/catalog/Model"
import { localOwner, organizationOf } from "@image-skill/core/identity/Identity"
import { AssetId, JobId } from "@image-skill/core/kernel/Ids"
import { AspectRatio } from "@image-skill/core/kernel/Media"
import { defaultMultiplier } from "@image-skill/core/kernel/Money"
import { type Plan, type PlanFailure, plan } from "@image-skill/core/studio/Planner"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Either, Redacted, Schema } from "effect"
import { models as allModels } from "../../src/fal/models.ts"
import { modelOf, neededBy } from "./samples.ts"

const models = allModels()

const ratio = Schema.decodeUnknownSync(AspectRatio)

const asset = (id: string, width: number, height: number): Asset => ({
  id: AssetId.make(id),
  organizationId: organizationOf(localOwner),
  jobId: JobId.make("job_upload"),
  kind: "uploaded",
  mediaType: "image/png",
  bytes: 1000,
  width,
  height,
  sha256: "0".repeat(64),
  provenance: "uploaded",
  createdAt: 0
})

/** A request for one model as the command line makes it: the ratio it always sends, and what the model needs. */
export const requestFor = (model: Model, changes: Partial<ImageRequest> = {}): ImageRequest => ({
  command: doesCreate(model) ? "create" : "edit",
  modelId: model.id,
  providerId: null,
  intent: null,
  aspectRatio: ratio(doesCreate(model) ? "1:1" : "auto"),
  outputCount: 1,
  prompt: model.input.prompt === "required" ? Redacted.make("a lighthouse in a storm") : null,
  image: model.input.image === "required" ? AssetId.make("image_input") : null,
  mask: model.input.mask === "required" ? AssetId.make("image_mask") : null,
  references:
    model.input.references?.kind === "images" && (model.input.references.indexesMin ?? 0) > 0
      ? [{ asset_id: AssetId.make("image_reference"), role: "reference_image", index: 0 }]
      : [],
  budget: { perImage: null, whole: null, acceptUnknownCost: true },
  ...changes,
  parameters: { ...neededBy(model), ...changes.parameters }
})

export interface PlanChanges extends Partial<Omit<ImageRequest, "aspectRatio">> {
  readonly ratio?: string
  /** Width and height of the input image. */
  readonly input?: readonly [number, number]
  readonly inputBytes?: number
}

/** The plan of a request for a model by its id, or why there is none. */
export const planned = (
  id: string,
  { ratio: wanted, input, inputBytes, ...changes }: PlanChanges = {}
): Either.Either<Plan, PlanFailure> => {
  const [width, height] = input ?? [1024, 1024]
  const assets = [
    { ...asset("image_input", width, height), bytes: inputBytes ?? 1000 },
    asset("image_mask", 1024, 1024),
    asset("image_reference", 512, 512)
  ]
  const request = requestFor(modelOf(id), changes)
  return plan(wanted === undefined ? request : { ...request, aspectRatio: ratio(wanted) }, {
    models,
    isConfigured: () => true,
    assets: new Map(assets.map((one) => [one.id, one])),
    multiplier: defaultMultiplier,
    today: "2026-11-22"
  })
}
