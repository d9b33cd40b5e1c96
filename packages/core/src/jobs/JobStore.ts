import { Context, type Effect, type Option } from "effect"
import type { AssetId, AttemptId, JobId, ModelId, OrganizationId, ProviderId, RunId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import type { Page, PageQuery } from "../kernel/Page.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"
import { layerMemory } from "./internal/memoryJobStore.ts"
import type { Attempt, Job, JobError, JobStatus, Phase } from "./Job.ts"

/** What a step writes on an attempt. Absent fields stay. */
export type AttemptPatch = Partial<
  Pick<Attempt, "handle" | "settled" | "actualCost" | "assetIds" | "error" | "details" | "claimedAt" | "repairUntil">
>

/** How a job ends: the frozen answer goes in with the status, and the work (the prompt with it) is erased. */
export interface JobEnd {
  readonly status: Extract<JobStatus, "completed" | "failed" | "canceled">
  readonly answer: JsonObject | null
  readonly error: JobError | null
  readonly warnings: ReadonlyArray<string>
  readonly completedAt: number
}

/** A run's claim on a job: every write of the run names it, and fails when another run has taken over. */
export interface Lease {
  readonly jobId: JobId
  readonly owner: RunId
  readonly epoch: number
}

/** Null: of any. */
export interface JobFilter {
  readonly organizationId: OrganizationId | null
  readonly providerId: ProviderId | null
  readonly status: JobStatus | null
}

/** A job without what its caller said and was answered. */
export type JobHead = Omit<Job, "work" | "receipt" | "answer" | "warnings">

/** An attempt and whose it is. */
export interface OwnedAttempt {
  readonly attempt: Attempt
  readonly organizationId: OrganizationId
  readonly modelId: ModelId | null
  /** Epoch milliseconds. */
  readonly acceptedAt: number
}

/** Jobs and their attempts. Writes join the open transaction; times are epoch milliseconds. */
export class JobStore extends Context.Tag("@image-skill/core/JobStore")<
  JobStore,
  {
    readonly insert: (job: Job, attempts: ReadonlyArray<Attempt>) => Effect.Effect<void, StorageUnavailable>
    /** Any organization's: for runs only. */
    readonly get: (id: JobId) => Effect.Effect<Option.Option<Job>, StorageUnavailable>
    readonly find: (organization: OrganizationId, id: JobId) => Effect.Effect<Option.Option<Job>, StorageUnavailable>
    readonly list: (organization: OrganizationId, query: PageQuery) => Effect.Effect<Page<Job>, StorageUnavailable>
    /** In the order of their index. */
    readonly attempts: (id: JobId) => Effect.Effect<ReadonlyArray<Attempt>, StorageUnavailable>
    /**
     * Takes the lease of an open job that nobody holds, whose lease ended before `now`, or whose owner is one of
     * `dead`; counts the epoch up. `None` when another run holds it or the job has ended. A compare-and-set.
     */
    readonly acquire: (
      id: JobId,
      owner: RunId,
      now: number,
      until: number,
      dead: ReadonlyArray<RunId>
    ) => Effect.Effect<Option.Option<Lease>, StorageUnavailable>
    /** False when the lease is stale. */
    readonly renew: (lease: Lease, until: number) => Effect.Effect<boolean, StorageUnavailable>
    /** Gives the job back, for any run to take. Stale: no change. */
    readonly release: (lease: Lease) => Effect.Effect<void, StorageUnavailable>
    /**
     * Moves an attempt from one phase to another. False when the lease is stale or the phase is not `from`. A job whose
     * attempt is claimed is running.
     */
    readonly advance: (
      lease: Lease,
      attempt: AttemptId,
      from: Phase,
      to: Phase,
      patch: AttemptPatch
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** Ends the job. False when the lease is stale or it has ended. */
    readonly end: (lease: Lease, end: JobEnd) => Effect.Effect<boolean, StorageUnavailable>
    /** Whether the job was asked to stop; false for one that is not there. Any organization's: for runs only. */
    readonly cancelRequested: (id: JobId) => Effect.Effect<boolean, StorageUnavailable>
    /** False when it has ended. */
    readonly requestCancel: (organization: OrganizationId, id: JobId) => Effect.Effect<boolean, StorageUnavailable>
    /** Open jobs, oldest first, with who holds them: what a start or a sweep looks at. */
    readonly open: (
      limit: number
    ) => Effect.Effect<
      ReadonlyArray<{ readonly id: JobId; readonly owner: RunId | null; readonly leaseUntil: number | null }>,
      StorageUnavailable
    >
    /** An open job of the organization that reads the asset: input, mask or reference. */
    readonly openWith: (
      organization: OrganizationId,
      asset: AssetId
    ) => Effect.Effect<Option.Option<JobId>, StorageUnavailable>
    /** A result that arrived after its attempt had ended: kept, for the operator. Never money. */
    readonly keepLate: (
      attempt: AttemptId,
      event: string,
      details: JsonObject,
      at: number
    ) => Effect.Effect<void, StorageUnavailable>
    /**
     * For the operator: of every organization, newest first. A page with several filters looks at a bounded number of
     * jobs, and may be short or empty while its cursor leads on.
     */
    readonly listAll: (filter: JobFilter, query: PageQuery) => Effect.Effect<Page<JobHead>, StorageUnavailable>
    /** For an audit: attempts of every job that has not ended. */
    readonly openAttempts: Effect.Effect<ReadonlyArray<OwnedAttempt>, StorageUnavailable>
    /** For an audit: attempts of the next `most` jobs, oldest first; `last` is null when there are no more jobs. */
    readonly attemptsAfter: (
      sequence: number,
      most: number
    ) => Effect.Effect<
      { readonly attempts: ReadonlyArray<OwnedAttempt>; readonly last: number | null },
      StorageUnavailable
    >
  }
>() {
  static readonly layerMemory = layerMemory(this)
}
