import { Attempt, Job } from "@image-skill/core/jobs/Job"
import { Schema } from "effect"
import { column, Flag, json } from "../sql/columns.ts"

const jobs = Job.fields
const attempts = Attempt.fields

/** A row of `jobs`. */
export const JobRow = Schema.Struct({
  id: jobs.id,
  organizationId: column("organization_id", jobs.organizationId),
  agentId: column("agent_id", jobs.agentId),
  traceId: column("trace_id", jobs.traceId),
  command: jobs.command,
  operation: jobs.operation,
  modelId: column("model_id", jobs.modelId),
  providerId: column("provider_id", jobs.providerId),
  capabilityId: column("capability_id", jobs.capabilityId),
  status: jobs.status,
  epoch: jobs.epoch,
  owner: jobs.owner,
  leaseUntil: column("lease_until", jobs.leaseUntil),
  cancelRequested: column("cancel_requested", Flag),
  work: json(jobs.work),
  receipt: json(jobs.receipt),
  idempotencyKey: column("idempotency_key", jobs.idempotencyKey),
  error: json(jobs.error),
  answer: json(jobs.answer),
  warnings: json(jobs.warnings),
  createdAt: column("created_at", jobs.createdAt),
  completedAt: column("completed_at", jobs.completedAt),
  deadlineAt: column("deadline_at", jobs.deadlineAt)
})

/** What an operator's list says of a job: its row, without what its caller said and was answered. */
export const HeadRow = JobRow.pick(
  ...(["id", "organizationId", "agentId", "traceId", "command", "operation", "modelId", "providerId"] as const),
  ...([
    "capabilityId",
    "status",
    "epoch",
    "owner",
    "leaseUntil",
    "cancelRequested",
    "idempotencyKey",
    "error"
  ] as const),
  ...(["createdAt", "completedAt", "deadlineAt"] as const)
)

/** A row of `attempts`. */
export const AttemptRow = Schema.Struct({
  id: attempts.id,
  jobId: column("job_id", attempts.jobId),
  index: column("position", attempts.index),
  phase: attempts.phase,
  outputs: attempts.outputs,
  handle: json(attempts.handle),
  held: json(attempts.held),
  creditsPerImage: column("credits_per_image", attempts.creditsPerImage),
  settled: attempts.settled,
  estimatedCost: column("estimated_cost", attempts.estimatedCost),
  worstCost: column("worst_cost", attempts.worstCost),
  actualCost: column("actual_cost", attempts.actualCost),
  assetIds: column("asset_ids", json(attempts.assetIds)),
  error: json(attempts.error),
  details: json(attempts.details),
  claimedAt: column("claimed_at", attempts.claimedAt),
  repairUntil: column("repair_until", attempts.repairUntil)
})

/** The columns of an `AttemptPatch` that are present. */
export const AttemptPatchRow = Schema.partialWith(
  Schema.Struct(AttemptRow.fields).pick(
    "handle",
    "settled",
    "actualCost",
    "assetIds",
    "error",
    "details",
    "claimedAt",
    "repairUntil"
  ),
  { exact: true }
)

/** Who holds an open job. */
export const OpenRow = JobRow.pick("id", "owner", "leaseUntil")

/** How a job ended. */
export const EndRow = Schema.Struct({
  status: Schema.Literal("completed", "failed", "canceled"),
  answer: JobRow.fields.answer,
  error: JobRow.fields.error,
  warnings: JobRow.fields.warnings,
  completedAt: column("completed_at", Schema.Int)
})
