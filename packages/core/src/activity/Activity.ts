import { Schema } from "effect"
import { AssetId, EventId, JobId, OrganizationId, TraceId, UsageId } from "../kernel/Ids.ts"
import { JsonObject } from "../kernel/Json.ts"

/** The registry: stable public values. The thirteen of the contract, and `asset.deleted`. */
export const eventTypes = [
  "job.completed",
  "asset.created",
  "asset.uploaded",
  "asset.deleted",
  "usage.credit_consumed",
  "feedback.created",
  "feedback.github_queue.processed",
  "payment.checkout_session.created",
  "credits.payment_backed_granted",
  "credits.payment_backed_refunded",
  "credits.payment_backed_disputed",
  "credits.payment_backed_reinstated",
  "credits.payment_backed_reversal_pending",
  "credits.payment_backed_reversal_rejected"
] as const

export const EventType = Schema.Literal(...eventTypes)
export type EventType = typeof EventType.Type

const link = Schema.optionalWith(Schema.String, { exact: true })

/** On events of payments and credits only. */
const paymentLinks = {
  quote_id: link,
  payment_attempt_id: link,
  checkout_session_id: link,
  receipt_id: link,
  credit_event_id: link,
  payment_reversal_id: link
}

export const Links = Schema.Struct({
  job_id: Schema.NullOr(JobId),
  asset_ids: Schema.Array(AssetId),
  feedback_id: Schema.NullOr(Schema.String),
  usage_event_id: Schema.NullOr(UsageId),
  ...paymentLinks
})

/** One event as it is stored and as it goes over the wire. Never a prompt, a path, a bucket or a provider's name. */
export const ActivityEvent = Schema.Struct({
  event_id: EventId,
  type: EventType,
  occurred_at: Schema.String,
  summary: Schema.String,
  operation: Schema.String,
  subject: Schema.Struct({ type: Schema.String, id: Schema.String }),
  links: Links,
  status: Schema.String,
  cost: Schema.optionalWith(JsonObject, { exact: true }),
  trace_id: TraceId,
  details: Schema.optionalWith(JsonObject, { exact: true })
})
export type ActivityEvent = typeof ActivityEvent.Type

/** An event and whose it is. */
export interface OwnedEvent {
  readonly organizationId: OrganizationId
  readonly event: ActivityEvent
}

/** Every id by which an event can be found besides its own. */
export const referencesOf = (event: ActivityEvent): ReadonlyArray<string> => [
  ...new Set([
    event.subject.id,
    event.trace_id,
    ...event.links.asset_ids,
    ...[event.links.job_id, event.links.feedback_id, event.links.usage_event_id].filter((id) => id !== null),
    ...paymentReferences(event.links)
  ])
]

const paymentReferences = (links: typeof Links.Type): ReadonlyArray<string> =>
  [
    links.quote_id,
    links.payment_attempt_id,
    links.checkout_session_id,
    links.receipt_id,
    links.credit_event_id,
    links.payment_reversal_id
  ].filter((id) => id !== undefined)
