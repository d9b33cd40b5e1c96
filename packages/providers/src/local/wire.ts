import { CodecFailure } from "@image-skill/core/assets/ImageCodec"
import { JsonObject } from "@image-skill/core/kernel/Json"
import { type Outcome, type ProviderCall, ProviderError, type SpooledReply } from "@image-skill/core/provider/Provider"
import { Effect, Redacted, Schema } from "effect"
import { motifIds } from "./draw/Lexicon.ts"
import { type Edited, EditRefused } from "./edit/edit.ts"
import { imageFormats } from "./encode.ts"
import type { WorkerFailure } from "./pool.ts"
import type { RenderedImage, RenderRequest } from "./worker.ts"

// The "wire" of the embedded provider is the message to its drawing thread, and the facts that lie beside the bytes.

const Drawn = Schema.Struct({
  seed: Schema.Int,
  width: Schema.Int,
  height: Schema.Int,
  motif: Schema.optionalWith(Schema.Literal(...motifIds), { exact: true }),
  caption: Schema.optionalWith(Schema.String, { exact: true }),
  format: Schema.Literal(...imageFormats),
  quality: Schema.optionalWith(Schema.Int, { exact: true })
})

const invalid = (message: string) => new ProviderError({ reason: "invalid_request", message, billed: "no" })

const seeds = 2 ** 32

/** What the drawing thread is asked for. The calls of one job draw with seeds that follow on each other. */
export const encodeCall = (
  call: Pick<ProviderCall, "parameters" | "index" | "prompt">
): Effect.Effect<RenderRequest, ProviderError> =>
  Schema.decodeUnknown(Drawn)(call.parameters).pipe(
    Effect.mapError((error) => invalid(error.message)),
    Effect.map((drawn) => ({
      ...drawn,
      seed: (drawn.seed + call.index) % seeds,
      prompt: call.prompt === null ? "" : Redacted.value(call.prompt)
    }))
  )

/** What the receipt repeats of a drawing. */
export const drawingFacts = (request: RenderRequest, image: RenderedImage): JsonObject => ({
  seed: request.seed,
  motif: image.motif,
  style: image.style,
  palette: image.palette,
  algorithm: "local.procedural",
  warnings:
    image.missingGlyphs.length === 0
      ? []
      : [`the caption's font lacks ${image.missingGlyphs.join(" ")}: left out of the picture`]
})

export const editFacts = (edited: Edited): JsonObject => ({ warnings: [...edited.warnings] })

const Facts = Schema.Struct({ warnings: Schema.Array(Schema.String) })

/** A reply is the image itself; its facts hold the warnings. */
export const decodeReply = (reply: SpooledReply): Effect.Effect<Outcome, ProviderError> =>
  Schema.decodeUnknown(Facts)(reply.facts).pipe(
    Effect.mapError(() => new ProviderError({ reason: "bad_output", message: "unreadable facts", billed: "no" })),
    Effect.map(({ warnings }) => {
      const { warnings: _, ...details } = reply.facts
      return { outputs: [{ _tag: "Bytes", bytes: reply.bytes }], cost: null, warnings, details }
    })
  )

/** Every failure of drawing and editing, as a provider's. Nothing is ever billed. */
export const toProviderError = (error: WorkerFailure | EditRefused | CodecFailure): ProviderError => {
  if (error instanceof EditRefused) return invalid(error.message)
  if (error instanceof CodecFailure) {
    const unable = error.reason === "unavailable" || error.reason === "timeout"
    return new ProviderError({
      reason: unable ? "unavailable" : "invalid_request",
      message: error.message,
      billed: "no"
    })
  }
  return new ProviderError({ reason: "failed", message: `the drawing failed: ${error.message}`, billed: "no" })
}
