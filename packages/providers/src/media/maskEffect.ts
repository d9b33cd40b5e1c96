import { CodecFailure, type Colour, type ImageOperation, type MaskTreatment } from "@image-skill/core/assets/ImageCodec"
import { inspect } from "@image-skill/core/assets/ImageInspector"
import { Effect, Either } from "effect"
import { blurred, sigmaMin } from "./blur.ts"
import { decodeFrame, type Frame, open, render } from "./frame.ts"
import { editPixelsMax, runNative, type Sharp } from "./sharpRuntime.ts"

type MaskEffect = Extract<ImageOperation, { readonly _tag: "MaskEffect" }>

const black: Colour = { red: 0, green: 0, blue: 0, alpha: 1 }

/**
 * Treats what a mask covers. The treated picture gets the mask as its alpha in a pipeline of its own (`removeAlpha` and
 * `joinChannel` in one pipeline lose the mask) and is then laid over the original, all off the main thread.
 */
export const applyMask = (sharp: Sharp, frame: Frame, effect: MaskEffect): Effect.Effect<Frame, CodecFailure> =>
  Effect.gen(function* () {
    const coverage = yield* readCoverage(sharp, frame, effect)
    const layer = yield* treatedLayer(sharp, frame, effect.treatment)
    const { height, width } = frame
    const masked = yield* render(() =>
      open(sharp, layer).joinChannel(coverage, { raw: { width, height, channels: 1 } })
    )
    const blend = blends[effect.treatment._tag]
    const composed = yield* render(() =>
      open(sharp, frame)
        .ensureAlpha()
        .composite([{ input: masked.data, raw: { width, height, channels: 4 }, blend }])
    )
    // A picture that had no alpha gets none, unless the treatment made holes.
    return frame.channels === 4 || effect.treatment._tag === "Erase"
      ? composed
      : yield* render(() => open(sharp, composed).removeAlpha())
  })

/** `atop` mixes colours and leaves the picture's alpha; `over` also paints where it was clear; `dest-out` cuts. */
const blends = { Blur: "atop", Pixelate: "atop", Fill: "over", Erase: "dest-out" } as const

/** One byte a pixel, 255 where the treatment is full, of the picture's size. */
const readCoverage = (sharp: Sharp, frame: Frame, effect: MaskEffect): Effect.Effect<Buffer, CodecFailure> =>
  Effect.gen(function* () {
    const { height, width } = frame
    const mask = yield* decodeMask(sharp, frame, effect.mask)
    const flat = yield* render(() => open(sharp, mask).flatten({ background: "black" }))
    const grey = yield* render(() =>
      open(sharp, flat).resize({ width, height, fit: "fill" }).greyscale().toColourspace("b-w")
    )
    const soft = yield* blurred(sharp, grey, effect.feather)
    const opacity = opacityOf(effect.treatment)
    const { data: coverage } = yield* render(() => {
      const opened = open(sharp, soft)
      const turned = effect.isInverted ? opened.linear(-opacity, 255 * opacity) : opened.linear(opacity, 0)
      return turned.toColourspace("b-w")
    })
    const { channels } = yield* runNative("unavailable", "The mask could not be processed", () =>
      sharp(coverage, { raw: { width, height, channels: 1 } }).stats()
    )
    // An edit that changes nothing is a mask painted the wrong way around, and better said than done.
    return channels[0]?.max === 0
      ? yield* new CodecFailure({
          reason: "mask_empty",
          message: "The mask covers nothing: what is to change is white."
        })
      : coverage
  })

const decodeMask = (sharp: Sharp, frame: Frame, bytes: Uint8Array): Effect.Effect<Frame, CodecFailure> =>
  Effect.gen(function* () {
    const facts = inspect(bytes)
    if (Either.isLeft(facts)) {
      return yield* new CodecFailure({ reason: "undecodable", message: "The mask is not an image that can be read." })
    }
    if (facts.right.width * facts.right.height > editPixelsMax) {
      return yield* new CodecFailure({ reason: "too_large", message: "The mask is larger than any picture may be." })
    }
    const mask = yield* decodeFrame(sharp, bytes)
    if (hasSameRatio(mask, frame)) return mask
    return yield* new CodecFailure({
      reason: "mask_ratio",
      message: `The mask is ${mask.width}x${mask.height}, not of the shape of the ${frame.width}x${frame.height} image.`
    })
  })

const opacityOf = (treatment: MaskTreatment): number => {
  if (treatment._tag === "Fill") return treatment.colour.alpha
  return treatment._tag === "Erase" ? treatment.opacity : 1
}

/** Within the rounding of one pixel, or half a percent: a mask drawn on a thumbnail has rounded sides. */
const hasSameRatio = (mask: Frame, frame: Frame): boolean => {
  const width = (mask.width * frame.height) / mask.height
  const height = (mask.height * frame.width) / mask.width
  return (
    Math.abs(width - frame.width) <= Math.max(1, frame.width * 0.005) ||
    Math.abs(height - frame.height) <= Math.max(1, frame.height * 0.005)
  )
}

/** The picture as it would look treated all over, without alpha. */
const treatedLayer = (sharp: Sharp, frame: Frame, treatment: MaskTreatment): Effect.Effect<Frame, CodecFailure> => {
  const { height, width } = frame
  switch (treatment._tag) {
    case "Blur":
      return blurred(sharp, frame, Math.max(treatment.sigma, sigmaMin)).pipe(
        Effect.flatMap((result) => withoutAlpha(sharp, result))
      )
    case "Pixelate":
      return pixelated(sharp, frame, treatment.cell)
    case "Fill":
      return solid(sharp, width, height, treatment.colour)
    case "Erase":
      return solid(sharp, width, height, black)
  }
}

const withoutAlpha = (sharp: Sharp, frame: Frame): Effect.Effect<Frame, CodecFailure> =>
  frame.channels === 3 ? Effect.succeed(frame) : render(() => open(sharp, frame).removeAlpha())

/** Averages cells by shrinking, then repeats each average. Two pipelines, since one would keep only the last resize. */
const pixelated = (sharp: Sharp, frame: Frame, cell: number): Effect.Effect<Frame, CodecFailure> =>
  Effect.gen(function* () {
    const { height, width } = frame
    const columns = Math.max(1, Math.round(width / cell))
    const rows = Math.max(1, Math.round(height / cell))
    const small = yield* render(() =>
      open(sharp, frame).resize({ width: columns, height: rows, fit: "fill", kernel: "linear" })
    )
    const opaque = yield* withoutAlpha(sharp, small)
    return yield* render(() => open(sharp, opaque).resize({ width, height, fit: "fill", kernel: "nearest" }))
  })

const solid = (sharp: Sharp, width: number, height: number, { blue, green, red }: Colour) =>
  render(() => sharp({ create: { width, height, channels: 3, background: { r: red, g: green, b: blue } } }))
