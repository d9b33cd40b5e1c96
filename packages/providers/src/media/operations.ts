import { CodecFailure, type Colour, ImageOperation } from "@image-skill/core/assets/ImageCodec"
import { Effect } from "effect"
import { blurred } from "./blur.ts"
import { type Frame, open, render } from "./frame.ts"
import { applyMask } from "./maskEffect.ts"
import { inputPixelsMax, type Sharp } from "./sharpRuntime.ts"

/** sharp's spelling of a colour. */
const toSharpColour = ({ alpha, blue, green, red }: Colour) => ({ r: red, g: green, b: blue, alpha })

/** One operation on a frame. Grade runs tone, then colour, then contrast: the order of libvips' own pipeline. */
export const applyOperation = (
  sharp: Sharp,
  frame: Frame,
  operation: ImageOperation
): Effect.Effect<Frame, CodecFailure> =>
  ImageOperation.$match(operation, {
    Crop: (crop) => applyCrop(sharp, frame, crop),
    Resize: (resize) => applyResize(sharp, frame, resize),
    Grade: (grade) => render(() => graded(open(sharp, frame), grade)),
    Blur: ({ sigma }) => blurred(sharp, frame, sigma),
    Sharpen: ({ amount }) =>
      amount <= 0
        ? Effect.succeed(frame)
        : render(() => open(sharp, frame).sharpen({ sigma: 1, m1: amount, m2: amount * 2 })),
    Flatten: ({ background }) =>
      frame.channels !== 4
        ? Effect.succeed(frame)
        : render(() => open(sharp, frame).flatten({ background: toSharpColour({ ...background, alpha: 1 }) })),
    MaskEffect: (effect) => applyMask(sharp, frame, effect)
  })

type Of<Tag extends ImageOperation["_tag"]> = Extract<ImageOperation, { readonly _tag: Tag }>

const applyCrop = (sharp: Sharp, frame: Frame, { height, left, top, width }: Of<"Crop">) => {
  const isInside =
    left >= 0 && top >= 0 && width >= 1 && height >= 1 && left + width <= frame.width && top + height <= frame.height
  return isInside
    ? render(() => open(sharp, frame).extract({ left, top, width, height }))
    : new CodecFailure({
        reason: "invalid_operation",
        message: `The crop of ${width}x${height} at ${left},${top} is not inside the ${frame.width}x${frame.height} image.`
      })
}

const applyResize = (sharp: Sharp, frame: Frame, { background, fit, height, width }: Of<"Resize">) => {
  if (width * height > inputPixelsMax) {
    return new CodecFailure({ reason: "too_large", message: `${width}x${height} is more than can be made.` })
  }
  // Bars need an alpha channel to be see-through; without it they would come out black.
  const needsAlpha = fit === "contain" && background.alpha < 1 && frame.channels === 3
  return render(() => {
    const opened = needsAlpha ? open(sharp, frame).ensureAlpha() : open(sharp, frame)
    return opened.resize({ width, height, fit, kernel: "lanczos3", background: toSharpColour(background) })
  })
}

const graded = (pipeline: ReturnType<typeof open>, grade: Of<"Grade">) => {
  const { brightness, contrast, gains, gamma, hueDegrees, saturation } = grade
  // sharp takes exponents from 1 to 3 on the way in (darker) and on the way out (lighter); 1 is skipped.
  const toned = gamma === 1 ? pipeline : gamma > 1 ? pipeline.gamma(1, gamma) : pipeline.gamma(1 / gamma, 1)
  const isColourChanged = saturation !== 1 || hueDegrees !== 0
  const coloured = isColourChanged ? toned.modulate({ saturation, hue: Math.round(hueDegrees) }) : toned
  const isLinear = brightness !== 1 || contrast !== 1 || gains.some((gain) => gain !== 1)
  // Brightness is a factor here, since sharp's own leaves a coloured glow in black. Contrast turns around middle grey.
  // Three factors for four channels: sharp then leaves alpha alone.
  return isLinear
    ? coloured.linear(
        gains.map((gain) => gain * brightness * contrast),
        gains.map(() => 128 * (1 - contrast))
      )
    : coloured
}
