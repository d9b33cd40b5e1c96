import { Clock, Effect, Option } from "effect"
import type { Asset } from "../../assets/Asset.ts"
import type { Attempt, Job, JobError, JobStatus } from "../../jobs/Job.ts"
import { isOpen } from "../../jobs/Transitions.ts"
import type { Json } from "../../kernel/Json.ts"
import { Credits } from "../../kernel/Money.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import { completedJson } from "../Receipt.ts"
import { eventCount, jobEvents } from "./events.ts"
import { type Run, type Services, Stale } from "./run.ts"

const warningsOf = (value: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : []

/** How a job has ended, by its attempts: well when any image was made. */
const verdict = (
  job: Job,
  attempts: ReadonlyArray<Attempt>
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
    warnings: [...warnings, ...(made === asked ? [] : [partly]), ...(job.cancelRequested ? [late] : [])]
  }
}

/** Ends the job when all its attempts have ended: its status then, null before. Joins the transaction of the last one. */
export const makeEnding = (services: Pick<Services, "jobs" | "assets" | "activity" | "ids" | "media">) =>
  Effect.fn("Job.end")(function* (run: Run): Effect.fn.Return<JobStatus | null, Stale | StorageUnavailable> {
    const { jobs, ids } = services
    const attempts = yield* jobs.attempts(run.job.id)
    if (attempts.some((attempt) => isOpen(attempt.phase))) return null
    const now = Option.getOrElse(yield* jobs.get(run.job.id), () => run.job)
    const { status, error, warnings } = verdict(now, attempts)
    const delivered = attempts.filter((attempt) => attempt.phase === "delivered").flatMap((attempt) => attempt.assetIds)
    const found = yield* Effect.forEach(delivered, (id) => services.assets.find(run.job.organizationId, id))
    const assets = found.flatMap((asset): ReadonlyArray<Asset> => Option.toArray(asset))
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
  })
