import type { ActivityEvent, OwnedEvent } from "../../activity/Activity.ts"
import type { Asset } from "../../assets/Asset.ts"
import type { Job, JobStatus } from "../../jobs/Job.ts"
import type { EventId, UsageId } from "../../kernel/Ids.ts"
import { isObject, type JsonObject } from "../../kernel/Json.ts"
import { type Credits, usdOfCredits } from "../../kernel/Money.ts"
import { isoOf } from "../../kernel/Time.ts"

export interface JobFacts {
  readonly job: Job
  readonly status: JobStatus
  readonly assets: ReadonlyArray<Asset>
  readonly usageId: UsageId
  readonly settled: Credits
  readonly at: number
  readonly eventIds: ReadonlyArray<EventId>
}

const titles = { create: "Create", edit: "Edit", upload: "Upload" } as const

/** The events of a job that has ended: the job's, one for each asset, and its usage when images were made. */
export const jobEvents = (facts: JobFacts): ReadonlyArray<OwnedEvent> => {
  const { job, status, assets, usageId, settled } = facts
  const made = status === "completed"
  const links = {
    job_id: job.id,
    asset_ids: assets.map((asset) => asset.id),
    feedback_id: null,
    usage_event_id: made ? usageId : null
  }
  const planned = job.receipt["cost"]
  const cost: JsonObject = {
    ...(isObject(planned) ? { estimated_usd: planned["estimated_usd"] ?? null } : {}),
    credits: settled,
    debit_usd: usdOfCredits(settled)
  }
  const bodies: ReadonlyArray<Omit<ActivityEvent, "event_id" | "occurred_at" | "trace_id">> = [
    {
      type: "job.completed",
      summary: `${titles[job.command]} job ${status}`,
      operation: job.command,
      subject: { type: "job", id: job.id },
      links,
      status,
      cost,
      ...(job.error === null ? {} : { details: { error_code: job.error.code } })
    },
    ...assets.map((asset) => ({
      type: job.command === "upload" ? ("asset.uploaded" as const) : ("asset.created" as const),
      summary: job.command === "upload" ? "Image uploaded" : "Image created",
      operation: job.command,
      subject: { type: "asset", id: asset.id },
      links: { ...links, asset_ids: [asset.id] },
      status: "completed"
    })),
    ...(made && job.command !== "upload"
      ? [
          {
            type: "usage.credit_consumed" as const,
            summary: `${settled} credits consumed`,
            operation: "usage",
            subject: { type: "usage", id: usageId },
            links,
            status: "completed",
            cost
          }
        ]
      : [])
  ]
  // An upload is no create or edit: its asset's event says all.
  return bodies
    .filter((body) => job.command !== "upload" || body.type !== "job.completed")
    .flatMap((body, index) => {
      const eventId = facts.eventIds[index]
      return eventId === undefined
        ? []
        : [
            {
              organizationId: job.organizationId,
              event: { event_id: eventId, occurred_at: isoOf(facts.at), trace_id: job.traceId, ...body }
            }
          ]
    })
}

/** How many ids `jobEvents` may need. */
export const eventCount = (assets: number): number => assets + 2
