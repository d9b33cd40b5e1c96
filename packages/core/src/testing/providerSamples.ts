import { Either, Redacted } from "effect"
import type { Asset } from "../assets/Asset.ts"
import { doesCreate, type Model } from "../catalog/Model.ts"
import type { Reference, ReferenceRules } from "../catalog/References.ts"
import { AssetId, AttemptId, JobId, OrganizationId } from "../kernel/Ids.ts"
import { defaultMultiplier } from "../kernel/Money.ts"
import type { CallImage, Plugin, ProviderCall } from "../provider/Provider.ts"
import { plan } from "../studio/Planner.ts"
import type { ImageRequest } from "../studio/Request.ts"
import { fakePng } from "./FakeProviderPng.ts"
import { plainRequest } from "./SimulatorRequests.ts"

/** What a request to a model needs beyond its defaults: parameters that have none, another prompt. */
export type Sample = (
  model: Model
) => Partial<Pick<ImageRequest, "parameters" | "prompt" | "aspectRatio" | "outputCount">>

/** How much a sample request brings: what the model cannot do without, or also what it only may be given. */
export type Bringing = "least" | "mask" | "references"

const today = "2026-11-22"
const side = 512

interface Picture {
  readonly asset: Asset
  readonly image: CallImage
}

/** Pictures that differ, so that one which is sent in place of another can be told. */
const picture = (name: string): Picture => {
  const bytes = fakePng(side, side, name)
  const facts = { mediaType: "image/png", width: side, height: side, provenance: "uploaded" } as const
  return {
    image: { ...facts, bytes },
    asset: {
      ...facts,
      id: AssetId.make(`image_${name}`),
      organizationId: OrganizationId.make("org_suite"),
      jobId: JobId.make("job_suite"),
      kind: "uploaded",
      bytes: bytes.length,
      sha256: "",
      createdAt: 0
    }
  }
}

const input = picture("input")
const mask = picture("mask")
const referenced = Array.from({ length: 4 }, (_, index) => picture(`reference_${index}`))
const pictures = new Map([input, mask, ...referenced].map((one) => [one.asset.id, one]))

/** References of each role that the rules know, up to four; none where none are needed and the least is brought. */
const referencesFor = (rules: ReferenceRules | null, bringing: Bringing): ReadonlyArray<Reference> => {
  if (rules === null) return []
  const ids = referenced.map(({ asset }) => asset.id)
  if (rules.kind === "images") {
    const least = rules.indexesMin ?? 0
    const count = bringing === "references" ? Math.min(rules.indexesMax, Math.max(least, 2)) : least
    const [task] = rules.tasks
    return ids.slice(0, count).map((asset_id, index) => ({
      asset_id,
      role: "reference_image",
      index,
      ...(task === undefined ? {} : { reference_task: task })
    }))
  }
  if (bringing !== "references") return []
  const others = Math.min(2, rules.referencesPerElementMax)
  return ids
    .slice(0, Math.min(rules.entriesMax, 1 + others))
    .map((asset_id, position) =>
      position === 0
        ? { asset_id, role: "element_frontal", index: 0 }
        : { asset_id, role: "element_reference", index: 0, reference_index: position - 1 }
    )
}

/** The plan of a sample request. */
export const samplePlan = (plugin: Plugin, model: Model, sample: Sample | undefined, bringing: Bringing = "least") =>
  plan(
    plainRequest({
      command: doesCreate(model) ? "create" : "edit",
      prompt: model.input.prompt === "none" ? null : Redacted.make("a lighthouse in a storm"),
      modelId: model.id,
      image: model.input.image === "required" ? input.asset.id : null,
      mask: model.input.mask === "required" || bringing === "mask" ? mask.asset.id : null,
      references: referencesFor(model.input.references, bringing),
      ...sample?.(model)
    }),
    {
      models: plugin.models,
      isConfigured: () => true,
      assets: new Map([...pictures].map(([id, { asset }]) => [id, asset])),
      multiplier: defaultMultiplier,
      today
    }
  )

const imageOf = (id: AssetId | null): CallImage | null => (id === null ? null : (pictures.get(id)?.image ?? null))

/** The first provider call of a sample request. Throws where it cannot be planned. */
export const sampleCall = (
  plugin: Plugin,
  model: Model,
  sample: Sample | undefined,
  bringing: Bringing = "least"
): ProviderCall => {
  const planned = Either.getOrThrowWith(
    samplePlan(plugin, model, sample, bringing),
    (error) => new Error(`${model.id}: ${error.message}`)
  )
  const { request } = planned
  return {
    attemptId: AttemptId.make(`att_suite_${model.id}_${bringing}`),
    model,
    operation: request.command,
    prompt: model.input.prompt === "required" ? request.prompt : null,
    parameters: planned.parameters,
    outputs: planned.calls[0] ?? 1,
    index: 0,
    image: imageOf(request.image),
    mask: imageOf(request.mask),
    references: request.references.flatMap((reference) => {
      const image = imageOf(reference.asset_id)
      return image === null ? [] : [{ reference, image }]
    })
  }
}
