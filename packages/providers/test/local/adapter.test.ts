import { assert, describe, it } from "@effect/vitest"
import { AttemptId } from "@image-skill/core/kernel/Ids"
import type { CallImage, ProviderCall } from "@image-skill/core/provider/Provider"
import { Effect } from "effect"
import { adapter } from "../../src/local/adapter.ts"
import { models } from "../../src/local/models.ts"
import { picture } from "../media/fixtures.ts"

const edited = (provenance: CallImage["provenance"], format: "png" | "jpeg" | "webp" | "avif") =>
  Effect.gen(function* () {
    const model = models.find((one) => one.id === "local.grade") ?? assert.fail()
    const bytes = yield* Effect.promise(() => picture("png"))
    const call: ProviderCall = {
      attemptId: AttemptId.make("att_one"),
      model,
      operation: "edit",
      prompt: null,
      parameters: { contrast: 10, format },
      outputs: 1,
      index: 0,
      image: { bytes, mediaType: "image/png", width: 48, height: 32, provenance },
      mask: null,
      references: []
    }
    const submission = yield* adapter.submit(call)
    assert(submission._tag === "Replied")
    return Buffer.from(yield* submission.reply.body).toString("latin1")
  })

describe("an edit by the embedded provider", () => {
  it.effect("says in the file how the picture that it changed came to be", () =>
    Effect.gen(function* () {
      for (const format of ["png", "jpeg", "webp", "avif"] as const) {
        assert.include(yield* edited("generative_model", format), "/trainedAlgorithmicMedia", format)
        assert.include(yield* edited("algorithmic", format), "/algorithmicMedia", format)
        const upload = yield* edited("uploaded", format)
        assert.include(upload, "/algorithmicallyEnhanced", format)
        assert.notInclude(upload, "trainedAlgorithmicMedia", format)
      }
    })
  )
})
