import { Schema } from "effect"
import { AgentId, FeedbackId, OrganizationId, TraceId } from "../kernel/Ids.ts"

export const Severity = Schema.Literal("low", "medium", "high", "critical")
export const Confidence = Schema.Literal("low", "medium", "high")

/** The words that we sort by. Clients have others: those are kept as they are, and named in a warning. */
export const knownWords = {
  type: ["user_feedback", "bug", "feature_request", "friction", "contract_bug", "docs", "praise"],
  next_state: ["watch", "triage", "fix", "promote", "none"],
  surface: ["cli", "api", "sdk", "server", "docs", "models", "credits", "feedback"]
} as const

/** The most that is taken: characters of each text, entries of each list. */
export const signalLimits = {
  wordCharactersMax: 64,
  titleCharactersMax: 300,
  bodyCharactersMax: 20_000,
  textCharactersMax: 5_000,
  evidenceCharactersMax: 500,
  surfacesMax: 20,
  evidenceMax: 50,
  keyCharactersMax: 200
} as const

const text = Schema.NullOr(Schema.String)

/** What was said in the agent's own words, by the names of the wire. Never logged, and in no activity event. */
export const Said = Schema.Struct({
  title: text,
  body: text,
  command: text,
  expected: text,
  actual: text,
  friction: text,
  proof_needed: text,
  strategic_reason: text
})
export type Said = typeof Said.Type

/** Feedback as it is kept. */
export const Signal = Schema.Struct({
  id: FeedbackId,
  organizationId: OrganizationId,
  agentId: AgentId,
  /** Of the call that brought it. */
  traceId: TraceId,
  type: Schema.String,
  severity: Severity,
  confidence: Confidence,
  nextState: Schema.String,
  source: text,
  said: Said,
  surface: Schema.Array(Schema.String),
  evidence: Schema.Array(Schema.String),
  /** Of the answer that it is about. */
  aboutTraceId: text,
  dedupeKey: text,
  idempotencyKey: text,
  /** Of the request without its idempotency key: tells a replay from a conflict. */
  requestHash: Schema.String,
  /** Epoch milliseconds. */
  createdAt: Schema.Int
})
export type Signal = typeof Signal.Type
