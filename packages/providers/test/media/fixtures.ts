import { assert } from "@effect/vitest"
import { describeProblem, type ImageFacts, inspect } from "@image-skill/core/assets/ImageInspector"
import { Either } from "effect"
import sharp from "sharp"

/** Images as cameras, phones and editors write them, made on the spot. Hand-built monsters come from core's tests. */
export * from "../../../core/test/assets/handmade.ts"

export const formats = ["png", "jpeg", "webp", "gif", "avif"] as const
export type Format = (typeof formats)[number]

/** Raw pixels without symmetry, so that a turned or mirrored picture never equals itself. Left is red, right is blue. */
export const gradient = (width: number, height: number, channels: 3 | 4 = 3): Buffer => {
  const pixels = Buffer.alloc(width * height * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels
      pixels[at] = 255 - Math.floor((255 * x) / width)
      pixels[at + 1] = Math.floor((255 * y) / height)
      pixels[at + 2] = Math.floor((255 * x) / width)
      if (channels === 4) pixels[at + 3] = x < width / 4 ? 0 : 255
    }
  }
  return pixels
}

export interface PictureOptions {
  readonly width?: number
  readonly height?: number
  readonly alpha?: boolean
  /** EXIF orientation, 1 to 8. */
  readonly orientation?: number
  /** Adds EXIF with a GPS position, XMP and a colour profile, where the format can hold them. */
  readonly metadata?: boolean
}

/** A picture in a format. Without options: 48 by 32, opaque, bare. */
export const picture = async (format: Format, options: PictureOptions = {}): Promise<Buffer> => {
  const { alpha = false, height = 32, metadata = false, orientation, width = 48 } = options
  const channels = alpha ? 4 : 3
  let pipeline = sharp(gradient(width, height, channels), { raw: { width, height, channels } })
  if (metadata) {
    pipeline = pipeline
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">Jane Doe</x:xmpmeta>`)
      .withExif({
        IFD0: { Artist: "Jane Doe", Software: "Phone 7" },
        IFD3: {
          GPSLatitudeRef: "N",
          GPSLatitude: "52/1 31/1 12/1",
          GPSLongitudeRef: "E",
          GPSLongitude: "13/1 24/1 36/1"
        }
      })
      .withIccProfile("p3")
  }
  if (orientation !== undefined) pipeline = pipeline.withMetadata({ orientation })
  return pipeline.toFormat(format, format === "webp" ? { lossless: true } : {}).toBuffer()
}

/** As phones take it: lying on its side, with where it was taken. 32 by 48 as displayed. */
export const phoneJpeg = (): Promise<Buffer> => picture("jpeg", { orientation: 6, metadata: true })

export const webpWithLocation = (): Promise<Buffer> => picture("webp", { metadata: true })

/** A JPEG whose pixels were torn out, with its end marker put back: every header is right. */
export const hollowJpeg = async (): Promise<Buffer> => {
  const whole = await picture("jpeg", { width: 400, height: 300 })
  return Buffer.concat([whole.subarray(0, whole.length - 1200), Buffer.from([0xff, 0xd9])])
}

/** An animation of plain frames, each of another grey. */
export const animation = async (format: "gif" | "webp", frames: number): Promise<Buffer> => {
  const pictures = Array.from({ length: frames }, (_, index) => {
    const background = { r: index * 40, g: index * 40, b: 99 }
    return sharp({ create: { width: 24, height: 16, channels: 3, background } })
      .png()
      .toBuffer()
  })
  return sharp(await Promise.all(pictures), { join: { animated: true } })
    .toFormat(format)
    .toBuffer()
}

/** A mask: black, with a white rectangle at these parts of its sides. */
export const mask = (
  width: number,
  height: number,
  white: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
): Promise<Buffer> => {
  const pixels = Buffer.alloc(width * height)
  for (let y = Math.round(white.top * height); y < Math.round(white.bottom * height); y++) {
    pixels.fill(255, y * width + Math.round(white.left * width), y * width + Math.round(white.right * width))
  }
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}

/** Every pixel of every frame, as stored (not turned upright), for comparing bit by bit. */
export const rawPixels = (bytes: Uint8Array): Promise<Buffer> => sharp(bytes, { pages: -1 }).raw().toBuffer()

/** The colour of one pixel as `[red, green, blue, alpha]`. */
export const pixelAt = async (bytes: Uint8Array, x: number, y: number): Promise<ReadonlyArray<number>> => {
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (y * info.width + x) * 4
  return [...data.subarray(at, at + 4)]
}

/** The facts of bytes that must be good. */
export const factsOf = (bytes: Uint8Array): ImageFacts => {
  const result = inspect(bytes)
  assert(Either.isRight(result), Either.isLeft(result) ? describeProblem(result.left) : "")
  return result.right
}
