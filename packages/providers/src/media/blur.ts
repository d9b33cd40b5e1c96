import type { CodecFailure } from "@image-skill/core/assets/ImageCodec"
import { Effect } from "effect"
import { type Frame, open, render } from "./frame.ts"
import type { Sharp } from "./sharpRuntime.ts"

/** Below this a Gaussian changes nothing, and sharp refuses it. */
export const sigmaMin = 0.3
/** A Gaussian this wide or narrower is computed as it is; its cost grows with its width. */
const sigmaDirect = 8
/** Wider than any picture: sides end at 16,384 pixels. */
const sigmaMax = 1000

/**
 * A Gaussian blur. A wide one is made on a smaller copy, which looks the same, since it holds no detail to lose, and
 * costs a tenth of a second where the real one would take half a minute on a poster.
 */
export const blurred = (sharp: Sharp, frame: Frame, sigma: number): Effect.Effect<Frame, CodecFailure> => {
  if (sigma < sigmaMin) return Effect.succeed(frame)
  if (sigma <= sigmaDirect) return render(() => open(sharp, frame).blur(sigma))
  const factor = Math.min(sigma, sigmaMax) / (sigmaDirect / 2)
  const width = Math.max(1, Math.round(frame.width / factor))
  const height = Math.max(1, Math.round(frame.height / factor))
  return render(() => open(sharp, frame).resize({ width, height, fit: "fill", kernel: "linear" })).pipe(
    Effect.flatMap((small) => render(() => open(sharp, small).blur(sigmaDirect / 2))),
    Effect.flatMap((small) =>
      render(() =>
        open(sharp, small).resize({ width: frame.width, height: frame.height, fit: "fill", kernel: "cubic" })
      )
    )
  )
}
