import type { Model } from "../../catalog/Model.ts"
import type { Attempt, Job } from "../../jobs/Job.ts"
import type { AttemptPatch } from "../../jobs/JobStore.ts"
import { limits } from "../../kernel/Limits.ts"

/**
 * Whether a call whose answer is gone is simply made again. While the attempt has time as often as it takes, and once
 * after that: a call that ends its process every time comes to an end too.
 */
export const mayRepeat = (job: Job, attempt: Attempt, model: Model | undefined): boolean =>
  model?.repeatable === true && (attempt.claimedAt ?? 0) < Math.max(job.deadlineAt, attempt.repairUntil ?? 0)

/** What a claim writes of an attempt that had its answer once: the time that it has left counts from the first loss. */
export const repeatPatch = ({ phase, repairUntil }: Attempt, now: number): AttemptPatch =>
  phase === "replied" || phase === "unstored"
    ? { error: null, repairUntil: repairUntil ?? now + limits.repairWindowMillis }
    : {}
