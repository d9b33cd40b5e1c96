import { type Context, Data } from "effect"
import type { ActivityLog } from "../../activity/ActivityLog.ts"
import type { AssetStore } from "../../assets/AssetStore.ts"
import type { BlobStore } from "../../assets/BlobStore.ts"
import type { MediaOrigin } from "../../assets/MediaOrigin.ts"
import type { ResultSpool } from "../../assets/ResultSpool.ts"
import type { Job } from "../../jobs/Job.ts"
import type { JobStore, Lease } from "../../jobs/JobStore.ts"
import type { Ids, JobId } from "../../kernel/Ids.ts"
import type { Transaction } from "../../kernel/Transaction.ts"
import type { Budgets } from "../../ledger/Budgets.ts"
import type { Ledger } from "../../ledger/Ledger.ts"
import type { UnknownOutcomes } from "../../ledger/UnknownOutcomes.ts"
import type { CreditPolicy } from "../../pricing/CreditPolicy.ts"
import type { ProviderRegistry } from "../../provider/ProviderRegistry.ts"
import type { SafeFetch } from "../../provider/SafeFetch.ts"
import type { Elsewhere } from "./elsewhere.ts"
import type { Refusals } from "./refusals.ts"

/** Another run holds the job now: this one writes nothing more. */
export class Stale extends Data.TaggedError("Stale")<{ readonly jobId: JobId }> {}

/** The services that carrying out a job needs. */
export interface Services {
  readonly jobs: Context.Tag.Service<JobStore>
  readonly ledger: Ledger
  readonly budgets: Context.Tag.Service<Budgets>
  readonly unknowns: Context.Tag.Service<UnknownOutcomes>
  readonly refusals: Refusals
  readonly assets: Context.Tag.Service<AssetStore>
  readonly blobs: Context.Tag.Service<BlobStore>
  readonly spool: Context.Tag.Service<ResultSpool>
  readonly activity: Context.Tag.Service<ActivityLog>
  readonly transaction: Context.Tag.Service<Transaction>
  readonly providers: Context.Tag.Service<ProviderRegistry>
  readonly policy: Context.Tag.Service<CreditPolicy>
  readonly media: Context.Tag.Service<MediaOrigin>
  readonly fetch: Context.Tag.Service<SafeFetch>
  readonly ids: Context.Tag.Service<Ids>
  /** True once the process ends: no call is begun any more, and work with a handle is left to the next. */
  readonly isClosing: () => boolean
}

/** A job that this run holds. */
export interface Run {
  readonly job: Job
  readonly lease: Lease
  /** How many attempts the job has in all. */
  readonly attempts: number
  readonly elsewhere: Elsewhere
}
