import { Feedback } from "@image-skill/core/feedback/Feedback"
import { Records } from "@image-skill/core/studio/Records"
import { Effect } from "effect"
import { SpoolSweep } from "../assets/SpoolSweep.ts"

const assetsMost = 200
const feedbackMost = 50

/** Ends what dead processes left half done besides jobs: spooled replies, bytes of deleted assets, feedback that was not offered. */
export class Tidying extends Effect.Service<Tidying>()("@image-skill/server/Tidying", {
  effect: Effect.gen(function* () {
    const spool = yield* SpoolSweep
    const records = yield* Records
    const feedback = yield* Feedback
    const run = spool.run.pipe(
      Effect.zipRight(records.eraseLeft(assetsMost)),
      Effect.zipRight(feedback.offerLeft(feedbackMost))
    )
    return { run } as const
  })
}) {}
