import { Schema } from "effect"
import { type Failure, ruleOf } from "./Errors.ts"
import { AgentId, OrganizationId, TraceId } from "./Ids.ts"
import { JsonObject } from "./Json.ts"

export const ClaimState = Schema.Literal("unclaimed", "payment_backed_unclaimed", "claimed", "revoked")
export type ClaimState = typeof ClaimState.Type

/** Who acts: printed in every envelope of an authenticated call. */
export const ActorRef = Schema.Struct({
  actor_type: Schema.Literal("agent", "local_owner"),
  actor_id: AgentId,
  organization_id: OrganizationId,
  claim_state: ClaimState
})
export type ActorRef = typeof ActorRef.Type

export const ErrorBody = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  retryable: Schema.Boolean,
  details: Schema.optional(JsonObject),
  recovery: Schema.optional(JsonObject)
})
export type ErrorBody = typeof ErrorBody.Type

/** The one JSON document that answers a call. */
export const Envelope = Schema.Struct({
  ok: Schema.Boolean,
  command: Schema.String,
  trace_id: TraceId,
  actor: Schema.NullOr(ActorRef),
  data: Schema.NullOr(JsonObject),
  warnings: Schema.Array(Schema.String),
  error: Schema.NullOr(ErrorBody)
})
export type Envelope = typeof Envelope.Type

export interface EnvelopeHead {
  readonly command: string
  readonly traceId: TraceId
  readonly actor: ActorRef | null
  readonly warnings: ReadonlyArray<string>
}

export const errorBody = (error: Failure): ErrorBody => ({
  code: error.code,
  message: error.message,
  retryable: ruleOf(error.code).retryable,
  ...(error.details === undefined ? {} : { details: error.details }),
  ...(error.recovery === undefined ? {} : { recovery: { ...error.recovery } })
})

export const success = (head: EnvelopeHead, data: JsonObject): Envelope => ({
  ok: true,
  command: head.command,
  trace_id: head.traceId,
  actor: head.actor,
  data,
  warnings: head.warnings,
  error: null
})

export const failed = (head: EnvelopeHead, error: Failure): Envelope => ({
  ok: false,
  command: head.command,
  trace_id: head.traceId,
  actor: head.actor,
  data: null,
  warnings: head.warnings,
  error: errorBody(error)
})
