import { CodecFailure, type Encoded, type Encoding } from "@image-skill/core/assets/ImageCodec"
import { Effect } from "effect"
import { labelPng, provenanceXmp } from "./provenance.ts"
import { deadline, readOptions, runNative, type Sharp } from "./sharpRuntime.ts"

/** Pixels between two operations: 8-bit sRGB, upright, alpha not multiplied in. A mask has one channel. */
export interface Frame {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}

/** The sides that the WebP format can state. */
const webpSideMax = 16_383

/** Decodes the first frame. Profiles, 16 bits, grey and CMYK all become 8-bit sRGB here, so that operations see one kind. */
export const decodeFrame = (sharp: Sharp, bytes: Uint8Array): Effect.Effect<Frame, CodecFailure> =>
  runNative("undecodable", "The image does not decode", () =>
    sharp(bytes, readOptions)
      .autoOrient()
      .toColourspace("srgb")
      .timeout(deadline)
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true })
  ).pipe(Effect.map(({ data, info }) => toFrame(data, info)))

/** What sharp gives back for raw output. */
const toFrame = (
  data: Buffer,
  info: { readonly width: number; readonly height: number; readonly channels: number }
): Frame => ({
  data,
  width: info.width,
  height: info.height,
  channels: info.channels === 4 ? 4 : info.channels === 1 ? 1 : 3
})

/** A pipeline that starts from a frame. */
export const open = (sharp: Sharp, { channels, data, height, width }: Frame) =>
  sharp(data, { raw: { width, height, channels } }).timeout(deadline)

/** Ends a pipeline in a frame. What is asked of it was checked before: a failure here is the machine's. */
export const render = (run: () => ReturnType<typeof open>): Effect.Effect<Frame, CodecFailure> =>
  runNative("unavailable", "The image could not be processed", () =>
    run().raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true })
  ).pipe(Effect.map(({ data, info }) => toFrame(data, info)))

/** Writes a frame. JPEG has no alpha: what is see-through there goes onto white, with a warning. */
export const encodeFrame = (sharp: Sharp, frame: Frame, encoding: Encoding): Effect.Effect<Encoded, CodecFailure> => {
  const { height, width } = frame
  if (encoding.mediaType === "image/webp" && Math.max(width, height) > webpSideMax) {
    return new CodecFailure({ reason: "too_large", message: `A side of a WebP has at most ${webpSideMax} pixels.` })
  }
  const { mediaType } = encoding
  const xmp = provenanceXmp(encoding.digitalSourceType)
  return runNative("unavailable", "The image could not be written", () => {
    const opened = open(sharp, frame)
    const flat = mediaType === "image/jpeg" ? opened.flatten({ background: "white" }) : opened
    const labelled = mediaType === "image/gif" || mediaType === "image/png" ? flat : flat.withXmp(xmp)
    return writers[mediaType](labelled, encoding.quality).toBuffer()
  }).pipe(
    Effect.map((bytes) => ({
      bytes: mediaType === "image/png" ? labelPng(bytes, xmp) : bytes,
      ...{ mediaType, width, height, warnings: losses(frame, encoding) }
    }))
  )
}

type Writer = (pipeline: ReturnType<typeof open>, quality: number | undefined) => ReturnType<typeof open>

const writers: Record<Encoding["mediaType"], Writer> = {
  "image/png": (pipeline) => pipeline.png(),
  // Above 90 people want edges of coloured text kept, which halved colour resolution smears.
  "image/jpeg": (pipeline, quality = 85) =>
    pipeline.jpeg({ quality, chromaSubsampling: quality > 90 ? "4:4:4" : "4:2:0" }),
  "image/webp": (pipeline, quality = 82) => pipeline.webp({ quality }),
  // Effort 2 takes a sixth of the time of the default 4 for some percent more bytes.
  "image/avif": (pipeline, quality = 60) => pipeline.avif({ quality, effort: 2 }),
  "image/gif": (pipeline) => pipeline.gif()
}

const losses = (frame: Frame, { mediaType }: Encoding): ReadonlyArray<string> => {
  if (mediaType === "image/gif") {
    return ["GIF holds 256 colours and no note of where a picture comes from; PNG keeps both."]
  }
  return mediaType === "image/jpeg" && frame.channels === 4
    ? ["JPEG has no transparency: the picture was put on white."]
    : []
}
