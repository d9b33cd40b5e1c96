import { Clock, Effect, Option } from "effect"
import type { Asset } from "../../assets/Asset.ts"
import type { Attempt, Job, JobError, JobStatus } from "../../jobs/Job.ts"
import { isOpen } from "../../jobs/Transitions.ts"
import type { AssetId } from "../../kernel/Ids.ts"
import type { Json } from "../../kernel/Json.ts"
import { Credits } from "../../kernel/Money.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import { completedJson } from "../Receipt.ts"
import { eventCount, jobEvents } from "./events.ts"
import { type Run, type Services, Stale } from "./run.ts"

const warningsOf = (value: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : []

/** How a job has ended, by its attempts: well when any image was made. */
const verdict = (
  job: Job,
  attempts: ReadonlyArray<Attempt>,
  cancelRequested: boolean
): {
  readonly status: "completed" | "failed" | "canceled"
  readonly error: JobError | null
  readonly warnings: ReadonlyArray<string>
} => {
  const failed = attempts.filter((attempt) => attempt.phase !== "delivered")
  const first = failed.find((attempt) => attempt.error !== null)?.error ?? null
  if (failed.length === attempts.length) {
    return failed.every((attempt) => attempt.phase === "canceled")
      ? { status: "canceled", error: null, warnings: job.warnings }
      : { status: "failed", error: first, warnings: job.warnings }
  }
  const warnings = [...job.warnings, ...attempts.flatMap(({ details }) => warningsOf(details["warnings"]))]
  const asked = attempts.reduce((sum, attempt) => sum + attempt.outputs, 0)
  const made = attempts.reduce((sum, attempt) => sum + (attempt.phase === "delivered" ? attempt.assetIds.length : 0), 0)
  const partly = `${made} of ${asked} images were made and debited${first === null ? "" : `: ${first.message}`}`
  const late = "the cancel came too late: the provider made these images all the same, and they are debited"
  return {
    status: "completed",
    error: null,
    warnings: [...warnings, ...(made === asked ? [] : [partly]), ...(cancelRequested ? [late] : [])]
  }
}

/**
 * Ends the job when all its attempts have ended: its status then, null before. Joins the transaction of the last one,
 * which is told with the assets that it made.
 */
export const makeEnding = (services: Pick<Services, "jobs" | "assets" | "activity" | "ids" | "media">) =>
  Effect.fnUntraced(function* (
    run: Run,
    last: Attempt,
    made: ReadonlyArray<Asset>
  ): Effect.fn.Return<JobStatus | null, Stale | StorageUnavailable> {
    const { jobs, ids } = services
    const attempts = run.attempts === 1 ? [last] : yield* jobs.attempts(run.job.id)
    if (attempts.some((attempt) => isOpen(attempt.phase))) return null
    const { status, error, warnings } = verdict(run.job, attempts, yield* jobs.cancelRequested(run.job.id))
    const delivered = attempts.filter((attempt) => attempt.phase === "delivered").flatMap((attempt) => attempt.assetIds)
    const assetOf = (id: AssetId) => {
      const own = made.find((asset) => asset.id === id)
      return own === undefined ? services.assets.find(run.job.organizationId, id) : Effect.succeedSome(own)
    }
    const assets = (yield* Effect.forEach(delivered, assetOf)).flatMap(Option.toArray)
    const usageId = yield* ids.usage
    const eventIds = yield* Effect.all(Array.from({ length: eventCount(assets.length) }, () => ids.event))
    const at = yield* Clock.currentTimeMillis
    const answer =
      status === "completed" ? completedJson(run.job, attempts, assets, services.media.base, usageId) : null
    const ended = yield* jobs.end(run.lease, { status, answer, error, warnings, completedAt: at })
    if (!ended) return yield* new Stale({ jobId: run.job.id })
    const settled = Credits.make(attempts.reduce((sum, attempt) => sum + (attempt.settled ?? 0), 0))
    const job = { ...run.job, error }
    yield* services.activity.append(jobEvents({ job, status, assets, usageId, settled, at, eventIds }))
    return status
  }, spanned("Job.end"))
