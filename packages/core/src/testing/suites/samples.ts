import type { ActivityEvent } from "../../activity/Activity.ts"
import type { Asset } from "../../assets/Asset.ts"
import type { Attempt, Job } from "../../jobs/Job.ts"
import {
  AgentId,
  AssetId,
  AttemptId,
  EventId,
  JobId,
  ModelId,
  OrganizationId,
  ProviderId,
  RunId,
  TraceId
} from "../../kernel/Ids.ts"
import { Credits, UsdTicks } from "../../kernel/Money.ts"

export const organization = OrganizationId.make("org_one")
export const otherOrganization = OrganizationId.make("org_two")
export const jobId = (name: string | number) => JobId.make(`job_${name}`)
export const runId = (name: string | number) => RunId.make(`run_${name}`)
export const attemptId = (name: string | number) => AttemptId.make(`att_${name}`)
export const assetId = (name: string | number) => AssetId.make(`image_${name}`)

/** An accepted job with a prompt, not yet run. */
export const sampleJob = (name: string | number, changes: Partial<Job> = {}): Job => ({
  id: jobId(name),
  organizationId: organization,
  agentId: AgentId.make("agt_one"),
  traceId: TraceId.make("trace_one"),
  command: "create",
  operation: "image.generate",
  modelId: ModelId.make("openai.gpt-image-2"),
  providerId: ProviderId.make("openai"),
  capabilityId: null,
  status: "queued",
  epoch: 0,
  owner: null,
  leaseUntil: null,
  cancelRequested: false,
  work: {
    prompt: "a lighthouse “in fog” 🌫",
    parameters: { size: "1024x1024", nested: { list: [1, null, "x"] } },
    image: null,
    mask: null,
    references: []
  },
  receipt: { model_id: "openai.gpt-image-2", estimated: 0.1 },
  idempotencyKey: null,
  error: null,
  answer: null,
  warnings: [],
  createdAt: 1_000,
  completedAt: null,
  deadlineAt: 2_000_000_000_000,
  ...changes
})

export const sampleAttempt = (job: string | number, index: number, changes: Partial<Attempt> = {}): Attempt => ({
  id: attemptId(`${job}_${index}`),
  jobId: jobId(job),
  index,
  phase: "planned",
  outputs: 1,
  handle: null,
  held: { free: Credits.make(3), paid: Credits.make(6), unmetered: Credits.make(0) },
  creditsPerImage: Credits.make(9),
  settled: null,
  estimatedCost: UsdTicks.make(500_000_000),
  worstCost: UsdTicks.make(500_000_000),
  actualCost: null,
  assetIds: [],
  error: null,
  details: {},
  claimedAt: null,
  repairUntil: null,
  ...changes
})

export const sampleAsset = (name: string | number, changes: Partial<Asset> = {}): Asset => ({
  id: assetId(name),
  organizationId: organization,
  jobId: jobId("one"),
  kind: "generated",
  mediaType: "image/png",
  bytes: 1_234,
  width: 1_024,
  height: 768,
  sha256: "ab".repeat(32),
  provenance: "generative_model",
  createdAt: 1_000,
  ...changes
})

export const sampleEvent = (name: string | number, changes: Partial<ActivityEvent> = {}): ActivityEvent => ({
  event_id: EventId.make(`evt_${name}`),
  type: "job.completed",
  occurred_at: "2026-11-22T10:00:00.000Z",
  summary: "An image was made",
  operation: "image.generate",
  subject: { type: "job", id: jobId(name) },
  links: { job_id: jobId(name), asset_ids: [assetId(name)], feedback_id: null, usage_event_id: null },
  status: "completed",
  trace_id: TraceId.make(`trace_${name}`),
  ...changes
})

export const numbers = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, index) => index + 1)
