import { Context, Data, Effect, Layer, Schema } from "effect"
import type { FeedbackId } from "../kernel/Ids.ts"
import type { Said, Signal } from "./Signal.ts"

/** What became of feedback at the queue of those who mend. As `details.github_queue` shows it. */
export const QueueOutcome = Schema.Struct({
  state: Schema.Literal("promoted", "skipped", "deduped", "blocked", "mirrored"),
  reason: Schema.String,
  issue_urls: Schema.Array(Schema.String),
  issue_numbers: Schema.Array(Schema.Int),
  /** How the queue is driven; `off` where there is none. */
  mode: Schema.String,
  /** Whether anything was written there. */
  github_mutation: Schema.Boolean
})
export type QueueOutcome = typeof QueueOutcome.Type

/** What leaves the house: no organization, no agent, no asset id, no prompt, no token. */
export interface OutgoingSignal
  extends Pick<Signal, "type" | "severity" | "confidence" | "nextState" | "surface" | "evidence" | "aboutTraceId"> {
  readonly feedbackId: FeedbackId
  readonly said: Said
}

/** The queue cannot be reached now; the feedback is offered again later. `message` names no secret. */
export class QueueUnavailable extends Data.TaggedError("QueueUnavailable")<{ readonly message: string }> {}

/** Where feedback is handed on to become work. */
export class FeedbackQueue extends Context.Tag("@image-skill/core/FeedbackQueue")<
  FeedbackQueue,
  {
    /** A process may die before the outcome is kept: the same `feedbackId` again must make nothing new. */
    readonly offer: (signal: OutgoingSignal) => Effect.Effect<QueueOutcome, QueueUnavailable>
  }
>() {
  /** Nothing leaves the house. */
  static readonly layerOff = Layer.succeed(this, {
    offer: () =>
      Effect.succeed({
        state: "skipped",
        reason: "no queue is configured",
        issue_urls: [],
        issue_numbers: [],
        mode: "off",
        github_mutation: false
      })
  })
}
