import type { OwnedEvent } from "../../activity/Activity.ts"
import type { EventId } from "../../kernel/Ids.ts"
import type { JsonObject } from "../../kernel/Json.ts"
import { isoOf } from "../../kernel/Time.ts"
import type { QueueOutcome } from "../FeedbackQueue.ts"
import type { QualityLevel } from "../Quality.ts"
import type { Signal } from "../Signal.ts"

const eventOf = (
  signal: Signal,
  type: "feedback.created" | "feedback.github_queue.processed",
  eventId: EventId,
  at: number,
  own: { readonly summary: string; readonly status: string; readonly details: JsonObject }
): OwnedEvent => ({
  organizationId: signal.organizationId,
  event: {
    event_id: eventId,
    type,
    occurred_at: isoOf(at),
    operation: "feedback",
    subject: { type: "feedback", id: signal.id },
    links: { job_id: null, asset_ids: [], feedback_id: signal.id, usage_event_id: null },
    trace_id: signal.traceId,
    ...own
  }
})

/** That feedback came, and how it is sorted; none of its own words. */
export const createdEvent = (signal: Signal, level: QualityLevel, eventId: EventId): OwnedEvent =>
  eventOf(signal, "feedback.created", eventId, signal.createdAt, {
    summary: "Feedback accepted",
    status: "accepted",
    details: { severity: signal.severity, confidence: signal.confidence, quality: level }
  })

export const queueJson = (outcome: QueueOutcome): JsonObject => ({
  state: outcome.state,
  reason: outcome.reason,
  issue_urls: [...outcome.issue_urls],
  issue_numbers: [...outcome.issue_numbers],
  mode: outcome.mode,
  github_mutation: outcome.github_mutation
})

/** What became of it at the queue. */
export const processedEvent = (signal: Signal, outcome: QueueOutcome, eventId: EventId, at: number): OwnedEvent =>
  eventOf(signal, "feedback.github_queue.processed", eventId, at, {
    summary: `Feedback ${outcome.state}`,
    status: outcome.state,
    details: { github_queue: queueJson(outcome) }
  })
