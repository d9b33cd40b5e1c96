import {
  CodecFailure,
  type Encoded,
  type Encoding,
  ImageCodec,
  type ImageOperation
} from "@image-skill/core/assets/ImageCodec"
import { describeProblem, type ImageFacts, inspect } from "@image-skill/core/assets/ImageInspector"
import { Effect, Either, Layer } from "effect"
import { decodeFrame, encodeFrame } from "./frame.ts"
import { applyOperation } from "./operations.ts"
import {
  bounded,
  deadline,
  editPixelsMax,
  inputPixelsMax,
  loadSharp,
  readOptions,
  runNative,
  type Sharp
} from "./sharpRuntime.ts"

const firstFrameWarning = (frames: number) => `The image has ${frames} frames; only the first was used.`

/** Bytes are inspected before libvips sees them: it would draw an SVG, and open many more formats than we take. */
const accept = (bytes: Uint8Array): Effect.Effect<ImageFacts, CodecFailure> =>
  Either.match(inspect(bytes), {
    onLeft: (problem) => new CodecFailure({ reason: "undecodable", message: describeProblem(problem) }),
    onRight: (facts) =>
      facts.width * facts.height > editPixelsMax
        ? new CodecFailure({
            reason: "too_large",
            message: `The image is ${facts.width}x${facts.height}; pictures up to ${editPixelsMax / 1e6} megapixels can be edited.`
          })
        : Effect.succeed(facts)
  })

/** `ImageCodec.transform` by sharp. Two run at once in a process; the others wait. */
export const transform = Effect.fn("SharpCodec.transform")(function* (
  bytes: Uint8Array,
  operations: ReadonlyArray<ImageOperation>,
  encoding: Encoding
) {
  const facts = yield* accept(bytes)
  const sharp = yield* loadSharp
  const encoded = yield* bounded(run(sharp, bytes, operations, encoding))
  const warnings = facts.frames > 1 ? [firstFrameWarning(facts.frames), ...encoded.warnings] : encoded.warnings
  return { ...encoded, warnings }
})

const run = (
  sharp: Sharp,
  bytes: Uint8Array,
  operations: ReadonlyArray<ImageOperation>,
  encoding: Encoding
): Effect.Effect<Encoded, CodecFailure> =>
  decodeFrame(sharp, bytes).pipe(
    Effect.flatMap((frame) =>
      Effect.reduce(operations, frame, (current, operation) => applyOperation(sharp, current, operation))
    ),
    Effect.flatMap((frame) => encodeFrame(sharp, frame, encoding))
  )

/**
 * `ImageCodec.verify` by sharp. One channel of every pixel is kept until the end: up to 50 MB. Shrinking on the way would
 * need less, but then libjpeg skips pixels and misses damage. libvips reads one frame of an APNG and of an AVIF sequence:
 * their later frames are not proven.
 */
export const verify = Effect.fn("SharpCodec.verify")(function* (bytes: Uint8Array, facts: ImageFacts) {
  const sharp = yield* loadSharp
  yield* bounded(decodeAll(sharp, bytes, facts))
})

const decodeAll = (sharp: Sharp, bytes: Uint8Array, facts: ImageFacts): Effect.Effect<void, CodecFailure> =>
  Effect.gen(function* () {
    const readsFrames = facts.mediaType === "image/gif" || facts.mediaType === "image/webp"
    const options = { ...readOptions, limitInputPixels: inputPixelsMax, pages: readsFrames ? -1 : 1 }
    const metadata = yield* runNative("undecodable", "The image does not decode", () =>
      sharp(bytes, options).metadata()
    )
    const { autoOrient, height, pageHeight, pages = 1, width } = metadata
    const isSideways = facts.orientation >= 5
    const pageRows = pageHeight ?? height
    const seen = readsFrames
      ? { width: isSideways ? pageRows : width, height: isSideways ? width : pageRows }
      : autoOrient
    if (seen.width !== facts.width || seen.height !== facts.height || (readsFrames && pages !== facts.frames)) {
      return yield* new CodecFailure({
        reason: "mismatch",
        message: `The image says ${facts.width}x${facts.height} and decodes to ${seen.width}x${seen.height}.`
      })
    }
    yield* runNative("undecodable", "The image does not decode", () =>
      sharp(bytes, options).extractChannel(0).timeout(deadline).raw().toBuffer()
    )
  })

export const layer: Layer.Layer<ImageCodec> = Layer.succeed(ImageCodec, { transform, verify })
