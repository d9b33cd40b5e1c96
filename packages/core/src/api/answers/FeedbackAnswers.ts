import { Schema } from "effect"
import { Confidence, Severity } from "../../feedback/Signal.ts"
import { JsonObject } from "../../kernel/Json.ts"
import { maybe, Replayed, ShownCommand, said, Time, textOrNull, texts } from "./parts.ts"

export const Accepted = Schema.Struct({
  feedback_id: Schema.String,
  status: Schema.Literal("accepted"),
  deduplicated: said(Schema.Boolean, "true: the dedupe key was known, and this is the feedback of then"),
  idempotent_replay: maybe(Replayed),
  type: Schema.String,
  severity: Severity,
  confidence: Confidence,
  next_state: Schema.String,
  surface: texts,
  dedupe_key: textOrNull,
  created_at: Time,
  quality: Schema.Struct({
    level: Schema.Literal("actionable", "narrative", "weak"),
    actionable: Schema.Boolean,
    missing: texts,
    guidance: said(texts, "what would make it easier to act on")
  }),
  github_queue: said(Schema.NullOr(JsonObject), "what became of it there; null: it is offered later"),
  next_actions: Schema.Array(Schema.Struct({ description: Schema.String, command: ShownCommand }))
})
