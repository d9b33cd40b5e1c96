import { HttpApiEndpoint, HttpApiGroup, HttpServerRequest } from "@effect/platform"
import { Effect, Schema } from "effect"
import type { FeedbackRequest } from "../feedback/Feedback.ts"
import { Confidence, Severity, signalLimits } from "../feedback/Signal.ts"
import { Envelope } from "../kernel/Envelope.ts"
import { Caller } from "./Caller.ts"
import { Command } from "./Command.ts"
import { IdempotencyHeaders, IdempotencyKey, idempotencyHeader, optional, strict } from "./Fields.ts"

/** The value is never repeated: it may hold what should not be there. */
const words = (field: string, charactersMax: number) =>
  Schema.String.pipe(Schema.maxLength(charactersMax)).annotations({
    message: () => ({ message: `${field} is a text of at most ${charactersMax} characters`, override: true })
  })

const word = (field: string) =>
  Schema.String.pipe(
    Schema.pattern(/^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$/),
    Schema.maxLength(signalLimits.wordCharactersMax)
  ).annotations({
    message: () => ({
      message: `${field} is a word of at most ${signalLimits.wordCharactersMax} letters, digits and . _ : / -`,
      override: true
    })
  })

const list = (field: string, entry: Schema.Schema<string>, most: number, of: string) =>
  Schema.Array(entry)
    .pipe(Schema.maxItems(most))
    .annotations({ message: () => ({ message: `${field} is a list of at most ${most} ${of}`, override: true }) })

/** Severities and confidences are a scale, so a word that is not on it is refused by name. */
const scale = <Word extends string>(
  field: string,
  schema: Schema.Schema<Word> & { readonly literals: ReadonlyArray<Word> }
) =>
  schema.annotations({
    message: ({ actual }) => ({
      message: `${field} is ${typeof actual === "string" ? `"${actual.slice(0, 40)}"` : "not a text"}; allowed: ${schema.literals.join(", ")}`,
      override: true
    })
  })

const text = (field: string) => optional(words(field, signalLimits.textCharactersMax))

export const FeedbackPayload = strict({
  type: optional(word("type")),
  title: optional(words("title", signalLimits.titleCharactersMax)),
  body: optional(words("body", signalLimits.bodyCharactersMax)),
  severity: optional(scale("severity", Severity)),
  confidence: optional(scale("confidence", Confidence)),
  next_state: optional(word("next_state")),
  command: text("command"),
  expected: text("expected"),
  actual: text("actual"),
  friction: text("friction"),
  proof_needed: text("proof_needed"),
  strategic_reason: text("strategic_reason"),
  dedupe_key: optional(IdempotencyKey.pipe(Schema.maxLength(signalLimits.keyCharactersMax))),
  source: optional(words("source", signalLimits.keyCharactersMax)),
  trace_id: optional(words("trace_id", signalLimits.keyCharactersMax)),
  surface: optional(list("surface", word("surface"), signalLimits.surfacesMax, "words, such as cli or docs")),
  evidence: optional(
    list(
      "evidence",
      words("evidence", signalLimits.evidenceCharactersMax),
      signalLimits.evidenceMax,
      `texts of at most ${signalLimits.evidenceCharactersMax} characters`
    )
  ),
  allow_weak_signal: optional(Schema.Boolean),
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "FeedbackPayload" })
export type FeedbackPayload = typeof FeedbackPayload.Type

/** What agents say of the product. */
export const FeedbackApi = HttpApiGroup.make("feedback").add(
  HttpApiEndpoint.post("create", "/v1/feedback")
    .setHeaders(IdempotencyHeaders)
    .setPayload(FeedbackPayload)
    .addSuccess(Envelope)
    .annotate(Command, "image-skill feedback create")
    .annotate(Caller, { grant: "feedback" })
)

/** The feedback that a call stands for: its body, and its `Idempotency-Key` header. The body's key wins. */
export const feedbackOf = (
  payload: FeedbackPayload
): Effect.Effect<FeedbackRequest, never, HttpServerRequest.HttpServerRequest> =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => ({
    type: payload.type ?? null,
    severity: payload.severity ?? null,
    confidence: payload.confidence ?? null,
    nextState: payload.next_state ?? null,
    source: payload.source ?? null,
    said: {
      title: payload.title ?? null,
      body: payload.body ?? null,
      command: payload.command ?? null,
      expected: payload.expected ?? null,
      actual: payload.actual ?? null,
      friction: payload.friction ?? null,
      proof_needed: payload.proof_needed ?? null,
      strategic_reason: payload.strategic_reason ?? null
    },
    surface: payload.surface ?? [],
    evidence: payload.evidence ?? [],
    aboutTraceId: payload.trace_id ?? null,
    dedupeKey: payload.dedupe_key ?? null,
    idempotencyKey: payload.idempotency_key ?? headers[idempotencyHeader] ?? null,
    allowWeakSignal: payload.allow_weak_signal ?? false
  }))
