import { Option } from "effect"
import { type Asset, assetUrl, blobKey } from "../assets/Asset.ts"
import { type EffectiveParameter, isSensitive, redacted } from "../catalog/Parameters.ts"
import type { Attempt, Job, JobError } from "../jobs/Job.ts"
import { errorBody } from "../kernel/Envelope.ts"
import type { Failure } from "../kernel/Errors.ts"
import type { JobId } from "../kernel/Ids.ts"
import { isObject, type Json, type JsonObject } from "../kernel/Json.ts"
import type { Dimensions } from "../kernel/Media.ts"
import { Credits, creditUnitUsd, UsdTicks, usdOf, usdOfCredits } from "../kernel/Money.ts"
import { isoOf } from "../kernel/Time.ts"
import { deletionJson } from "./internal/deletions.ts"
import type { Plan } from "./Planner.ts"
import type { DescribedImage } from "./Request.ts"

/** An asset as every answer shows it. */
export const assetJson = (asset: Asset, mediaBase: string): JsonObject => ({
  asset_id: asset.id,
  job_id: asset.jobId,
  kind: asset.kind,
  path: assetUrl(mediaBase, asset),
  url: assetUrl(mediaBase, asset),
  filename: blobKey(asset),
  mime_type: asset.mediaType,
  content_length: asset.bytes,
  sha256: asset.sha256,
  width: asset.width,
  height: asset.height,
  provenance: asset.provenance,
  created_at: isoOf(asset.createdAt),
  ...(asset.deletedAt === undefined ? {} : deletionJson(asset.deletedAt))
})

const costJson = (plan: Plan): JsonObject => {
  const known = plan.estimate.confidence !== "unknown"
  const provider = known ? usdOf(UsdTicks.make(plan.worstPerImage * plan.outputs)) : null
  return {
    estimated_usd: provider,
    estimated_usd_per_image: known ? usdOf(plan.worstPerImage) : null,
    credit_pricing: {
      credit_unit_usd: creditUnitUsd,
      credits_required: plan.debit,
      max_credits: plan.hold,
      credits_per_image: plan.holdPerImage,
      estimated_provider_cost_usd: provider,
      estimated_revenue_usd: plan.debit === null ? null : usdOfCredits(plan.debit),
      pricing_confidence: plan.estimate.confidence
    }
  }
}

const resolutionClass = (width: number, height: number) => {
  const long = Math.max(width, height)
  return long <= 640 ? "0.5k" : long <= 1536 ? "1k" : long <= 3072 ? "2k" : "4k"
}

/** The caller's own words stay theirs. What the catalogue sets by itself is public. */
const shownValue = (plan: Plan, name: string, { source, value }: EffectiveParameter): Json => {
  const declared = Object.hasOwn(plan.model.parameters, name) ? plan.model.parameters[name] : undefined
  return source === "explicit" && (declared === undefined || isSensitive(declared)) ? redacted : value
}

/** What a class of sizes says of the images: its square, whatever the ratio. Null where the model names no class. */
const squareOf = ({ effective, model }: Plan): Dimensions | null => {
  const { size } = model.output
  if (size.kind !== "class") return null
  const named = effective[size.name]?.value
  const side = typeof named === "string" && Object.hasOwn(size.squareSides, named) ? size.squareSides[named] : undefined
  return side === undefined ? null : { width: side, height: side }
}

/** The ratio that the model is told: the request's, unless a parameter of the model's own says another. */
const toldRatio = ({ effective, model, request }: Plan): Json =>
  (model.aspectRatio.kind === "parameter" ? effective[model.aspectRatio.name]?.value : undefined) ?? request.aspectRatio

/** What is known of the images before they are made: their size, or the class of it. */
const expectedJson = (plan: Plan): JsonObject => {
  const size = Option.getOrNull(plan.size)
  const square = squareOf(plan)
  // Other ratios of a class have a shorter edge, and no provider says which.
  const known = size ?? (toldRatio(plan) === "1:1" ? square : null)
  const classed = size ?? square
  return {
    resolution_class: classed === null ? null : resolutionClass(classed.width, classed.height),
    expected_width: size?.width ?? null,
    expected_height: size?.height ?? null,
    expected_min_short_edge: known === null ? null : Math.min(known.width, known.height)
  }
}

const selectionJson = (plan: Plan): JsonObject => {
  const parameters = Object.entries(plan.effective)
  const defaults = parameters.filter(([, { source }]) => source === "default_policy")
  const explicit = parameters.some(([, { source }]) => source === "explicit")
  return {
    policy: plan.choice.policy,
    reason: plan.choice.reason,
    intent: plan.request.intent,
    model_id: plan.model.id,
    capability: { id: plan.model.capability },
    model_parameters: {
      keys: Object.keys(plan.parameters),
      defaults_applied: defaults.map(
        ([name, { value }]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`
      ),
      source: explicit ? "explicit" : "default_policy",
      effective: Object.fromEntries(
        parameters.map(([name, one]) => [name, { value: shownValue(plan, name, one), source: one.source }])
      )
    },
    output: expectedJson(plan)
  }
}

/** An image that a dry run described: it is no asset yet. */
const describedJson = (image: DescribedImage): JsonObject => ({
  asset_id: null,
  mime_type: image.mediaType,
  content_length: image.bytes,
  width: image.width,
  height: image.height
})

/** What the plan says, as every answer of its job repeats it: no prompt, nothing that is not public. */
export const planJson = (plan: Plan, mediaBase: string): JsonObject => ({
  capability: { id: plan.model.capability },
  cost: costJson(plan),
  request: {
    operation: plan.operation,
    output_count: plan.outputs,
    aspect_ratio: plan.request.aspectRatio,
    reference_count: plan.request.references.length,
    has_mask: plan.request.mask !== null,
    provenance: plan.provenance,
    selection: selectionJson(plan)
  },
  safety: { status: "allowed" },
  ...(plan.input === null
    ? {}
    : { input_asset: "id" in plan.input ? assetJson(plan.input, mediaBase) : describedJson(plan.input) })
})

export interface QuotaFacts {
  /** Null for an unmetered organization. */
  readonly available: Credits | null
  readonly dailyJobsRemaining: number | null
}

const quotaJson = (consumed: number, plan: Plan | null, quota: QuotaFacts | null): JsonObject => ({
  consumed_credits: consumed,
  ...(quota === null
    ? {}
    : {
        available_credits: quota.available,
        unlimited: quota.available === null,
        daily_jobs_remaining: quota.dailyJobsRemaining,
        sufficient:
          (plan === null || quota.available === null || quota.available >= plan.hold) &&
          (quota.dailyJobsRemaining === null || quota.dailyJobsRemaining > 0)
      })
})

/** The answer of a dry run: the plan, that nothing moved, and what a live call would be refused for as things stand. */
export const dryRunJson = (
  plan: Plan,
  quota: QuotaFacts,
  mediaBase: string,
  blockers: ReadonlyArray<Failure> = []
): JsonObject => ({
  job_id: null,
  status: "planned",
  dry_run: true,
  ...planJson(plan, mediaBase),
  idempotency_key: null,
  assets: [],
  quota: quotaJson(0, plan, quota),
  mutation: { provider_call: false, credit_debit: false, media_write: false },
  blockers: blockers.map(blockerJson),
  next_actions: []
})

const blockerJson = (error: Failure): JsonObject => {
  const { details, recovery, ...rest } = errorBody(error)
  return { ...rest, ...(details === undefined ? {} : { details }), ...(recovery === undefined ? {} : { recovery }) }
}

const settledCredits = (attempts: ReadonlyArray<Attempt>): Credits =>
  Credits.make(attempts.reduce((sum, attempt) => sum + (attempt.settled ?? 0), 0))

/** What of a job's money is held, settled and given back, in credits. */
export const moneyJson = (attempts: ReadonlyArray<Attempt>): JsonObject => {
  const wholeOf = (attempt: Attempt) => attempt.held.free + attempt.held.paid + attempt.held.unmetered
  const all = attempts.reduce((sum, attempt) => sum + wholeOf(attempt), 0)
  const open = attempts.reduce((sum, attempt) => sum + (attempt.settled === null ? wholeOf(attempt) : 0), 0)
  const settled = settledCredits(attempts)
  return { held: open, settled, released: all - open - settled }
}

/** The sum of what every call costs; null where that of one is not known. */
const wholeCost = (costs: ReadonlyArray<UsdTicks | null>): UsdTicks | null =>
  costs.reduce<UsdTicks | null>(
    (sum, cost) => (sum === null || cost === null ? null : UsdTicks.make(sum + cost)),
    UsdTicks.make(0)
  )

/** `data` of a create or edit whose job has ended well; frozen with the job. */
export const completedJson = (
  job: Job,
  attempts: ReadonlyArray<Attempt>,
  assets: ReadonlyArray<Asset>,
  mediaBase: string,
  usageId: string
): JsonObject => {
  const settled = settledCredits(attempts)
  const actual = wholeCost(attempts.map((attempt) => attempt.actualCost))
  const quoted = wholeCost(attempts.map((attempt) => attempt.estimatedCost))
  const first = assets[0]
  return {
    job_id: job.id,
    status: "completed",
    dry_run: false,
    ...job.receipt,
    cost: {
      ...costOf(job),
      settled_credits: settled,
      provider_reported_usd: actual === null ? null : usdOf(actual),
      // The house's to bear, or to keep: the debit stays what was quoted.
      provider_variance_usd: actual === null || quoted === null ? null : usdOf(UsdTicks.make(actual - quoted))
    },
    idempotency_key: job.idempotencyKey,
    assets: assets.map((asset) => assetJson(asset, mediaBase)),
    outputs: attempts.map((attempt) => ({
      // Ids are chosen before the call: of a call that failed they name nothing.
      asset_ids: attempt.phase === "delivered" ? [...attempt.assetIds] : [],
      ...attempt.details
    })),
    usage_event_id: usageId,
    quota: quotaJson(settled, null, null),
    mutation: { provider_call: true, credit_debit: settled > 0, media_write: true },
    next_actions:
      first === undefined
        ? []
        : [
            {
              description: "download the image",
              command: `image-skill assets get ${first.id} --output ./${blobKey(first)} --json`
            }
          ]
  }
}

/** `data` while a job runs: 202, with the command that waits for it. */
export const runningJson = (job: Job): JsonObject => ({
  job_id: job.id,
  status: job.status,
  dry_run: false,
  ...job.receipt,
  idempotency_key: job.idempotencyKey,
  assets: [],
  quota: quotaJson(0, null, null),
  mutation: { provider_call: job.status === "running", credit_debit: false, media_write: false },
  next_actions: [{ description: "wait for the job", command: `image-skill jobs wait ${job.id} --json` }]
})

const errorJson = (error: JobError | null): JsonObject | null =>
  error === null
    ? null
    : { code: error.code, message: error.message, ...(error.details === undefined ? {} : { details: error.details }) }

/** A job as `jobs show` prints it. */
export const jobJson = (
  job: Job,
  attempts: ReadonlyArray<Attempt>,
  assets: ReadonlyArray<Asset>,
  mediaBase: string
): JsonObject => ({
  job_id: job.id,
  status: job.status,
  operation: job.command,
  trace_id: job.traceId,
  capability: job.capabilityId === null ? null : { id: job.capabilityId },
  created_at: isoOf(job.createdAt),
  completed_at: job.completedAt === null ? null : isoOf(job.completedAt),
  cost: { ...costOf(job), money: moneyJson(attempts) },
  safety: { status: job.error?.code === "CONTENT_POLICY_DENIED" ? "denied" : "allowed" },
  assets: assets.map((asset) => assetJson(asset, mediaBase)),
  cancel_requested: job.cancelRequested,
  error: errorJson(job.error)
})

const costOf = (job: Job): JsonObject => {
  const cost = job.receipt["cost"]
  return isObject(cost) ? cost : { estimated_usd: 0 }
}

/** The command that shows a job; null for the one that lists them. */
export const showJob = (jobId: JobId | null): string =>
  jobId === null ? "image-skill jobs list --json" : `image-skill jobs show ${jobId} --json`
