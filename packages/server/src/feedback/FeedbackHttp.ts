import { HttpApiBuilder } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { feedbackOf } from "@image-skill/core/api/FeedbackApi"
import { Feedback } from "@image-skill/core/feedback/Feedback"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"

export const FeedbackHttp = HttpApiBuilder.group(
  Api,
  "feedback",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const feedback = yield* Feedback
    return handlers.handle("create", ({ payload }) =>
      answering.owned((actor) => Effect.flatMap(feedbackOf(payload), (request) => feedback.create(actor, request)))
    )
  })
)
