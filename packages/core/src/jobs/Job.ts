import { Schema } from "effect"
import { Operation } from "../catalog/Model.ts"
import {
  AgentId,
  AssetId,
  AttemptId,
  CapabilityId,
  JobId,
  ModelId,
  OrganizationId,
  ProviderId,
  RunId,
  TraceId
} from "../kernel/Ids.ts"
import { Json, JsonObject } from "../kernel/Json.ts"
import { Credits, UsdTicks } from "../kernel/Money.ts"

export const JobStatus = Schema.Literal("queued", "running", "completed", "failed", "canceled")
export type JobStatus = typeof JobStatus.Type

/** Where one paid call is. `Transitions` says what may follow what. */
export const Phase = Schema.Literal(
  "planned",
  "claimed",
  "submitted",
  "replied",
  "unstored",
  "delivered",
  "refused",
  "canceled",
  "unknown",
  "abandoned"
)
export type Phase = typeof Phase.Type

export const JobError = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  details: Schema.optionalWith(JsonObject, { exact: true }),
  recovery: Schema.optionalWith(JsonObject, { exact: true })
})
export type JobError = typeof JobError.Type

/**
 * One provider call: the unit that is paid, claimed, resumed and settled. It is written before the call is made.
 */
export const Attempt = Schema.Struct({
  id: AttemptId,
  jobId: JobId,
  index: Schema.Int,
  phase: Phase,
  /** Images asked for. */
  outputs: Schema.Int,
  /** What finds the work again at the provider. */
  handle: Schema.NullOr(Json),
  /** Credits held, by where they came from. */
  held: Schema.Struct({ free: Credits, paid: Credits, unmetered: Credits }),
  creditsPerImage: Credits,
  /** Debited in the end; null while open. */
  settled: Schema.NullOr(Credits),
  /** Estimated provider cost of the call; null when unknown. */
  estimatedCost: Schema.NullOr(UsdTicks),
  /** The worst that the provider may charge for the call. */
  worstCost: UsdTicks,
  /** What the provider said that it cost; null when it did not say. */
  actualCost: Schema.NullOr(UsdTicks),
  /** Chosen beforehand, one for each output, so that a delivery that is made twice makes the same assets. */
  assetIds: Schema.Array(AssetId),
  error: Schema.NullOr(JobError),
  /** Seeds and the like from the provider, for the receipt. */
  details: JsonObject,
  /** Epoch milliseconds at which the provider call was claimed; null before. */
  claimedAt: Schema.NullOr(Schema.Int),
  /** When the bytes that could not be stored are given up; null otherwise. */
  repairUntil: Schema.NullOr(Schema.Int)
})
export type Attempt = typeof Attempt.Type

/** What a run needs to make the calls, kept until the job ends and then erased: it holds the prompt. */
export const Work = Schema.Struct({
  prompt: Schema.NullOr(Schema.String),
  parameters: JsonObject,
  image: Schema.NullOr(Schema.String),
  mask: Schema.NullOr(Schema.String),
  references: Schema.Array(JsonObject)
})
export type Work = typeof Work.Type

/** The ids of the assets that a job reads. */
export const inputsOf = (work: Work): ReadonlyArray<string> =>
  [work.image, work.mask, ...work.references.map((reference) => reference["asset_id"])].filter(
    (id): id is string => typeof id === "string"
  )

/** A create, edit or upload, from its acceptance to its end. */
export const Job = Schema.Struct({
  id: JobId,
  organizationId: OrganizationId,
  agentId: AgentId,
  traceId: TraceId,
  command: Schema.Literal("create", "edit", "upload"),
  operation: Schema.NullOr(Operation),
  modelId: Schema.NullOr(ModelId),
  providerId: Schema.NullOr(ProviderId),
  capabilityId: Schema.NullOr(CapabilityId),
  status: JobStatus,
  /** Counts takeovers: a write that names an older epoch is refused. */
  epoch: Schema.Int,
  owner: Schema.NullOr(RunId),
  leaseUntil: Schema.NullOr(Schema.Int),
  cancelRequested: Schema.Boolean,
  work: Schema.NullOr(Work),
  /** Public facts of the plan: what the answer repeats. Never the prompt. */
  receipt: JsonObject,
  /** The idempotency key it was accepted under; null for none. */
  idempotencyKey: Schema.NullOr(Schema.String),
  error: Schema.NullOr(JobError),
  /** The terminal `data` of the envelope, frozen. */
  answer: Schema.NullOr(JsonObject),
  warnings: Schema.Array(Schema.String),
  createdAt: Schema.Int,
  completedAt: Schema.NullOr(Schema.Int),
  /** After this an answer is no longer waited for. */
  deadlineAt: Schema.Int
})
export type Job = typeof Job.Type

export const isTerminal = (status: JobStatus) => status === "completed" || status === "failed" || status === "canceled"
