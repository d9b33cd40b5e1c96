import type { Canvas } from "../Canvas.ts"
import { clamp, type Rgb, toSrgb } from "../Colour.ts"
import type { Scene } from "../Scene.ts"

/** Turns a finished canvas into bytes, RGB, three a pixel. It may leave the canvas changed. */
export type Finish = (scene: Scene) => Uint8Array

/** 0 to 1 from a pixel's place: grain that costs no state and does not depend on the order of the pixels. */
export const pixelNoise = (x: number, y: number, salt: number): number => {
  let hash = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(salt, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296
}

export const toByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0)

export interface Development {
  /** Strength of the grain in sRGB steps. */
  readonly grain: number
  /** How much darker the corners are, 0 to 1. */
  readonly vignette: number
}

/** Encodes the canvas as it is, with a little grain, which also hides the steps of a smooth sky. */
export const develop = (canvas: Canvas, { grain, vignette }: Development): Uint8Array => {
  const { width, height, pixels } = canvas
  const bytes = new Uint8Array(width * height * 3)
  const reach = 1 / (width * width + height * height)
  for (let y = 0, offset = 0; y < height; y++) {
    for (let x = 0; x < width; x++, offset += 3) {
      const across = 2 * x - width
      const down = 2 * y - height
      const light = 1 - vignette * (across * across + down * down) * reach
      const noise = (pixelNoise(x, y, 1) + pixelNoise(x, y, 2) - 1) * grain
      bytes[offset] = toByte(toSrgb((pixels[offset] ?? 0) * light) + noise)
      bytes[offset + 1] = toByte(toSrgb((pixels[offset + 1] ?? 0) * light) + noise)
      bytes[offset + 2] = toByte(toSrgb((pixels[offset + 2] ?? 0) * light) + noise)
    }
  }
  return bytes
}

/** Writes a linear colour as three bytes. */
export const writeColour = (bytes: Uint8Array, offset: number, red: number, green: number, blue: number): void => {
  bytes[offset] = toByte(toSrgb(red))
  bytes[offset + 1] = toByte(toSrgb(green))
  bytes[offset + 2] = toByte(toSrgb(blue))
}

/** How far inside a margin a place is, in pixels; negative outside. */
export const insideMargin = (canvas: Canvas, margin: number, x: number, y: number): number =>
  Math.min(x - margin, canvas.width - margin - x, y - margin, canvas.height - margin - y)

/** Relative luminance of a pixel, 0 to 1. */
export const luminanceAt = (canvas: Canvas, offset: number): number =>
  clamp(
    0.2126 * (canvas.pixels[offset] ?? 0) +
      0.7152 * (canvas.pixels[offset + 1] ?? 0) +
      0.0722 * (canvas.pixels[offset + 2] ?? 0)
  )

export const rgbAt = (canvas: Canvas, offset: number): Rgb => [
  canvas.pixels[offset] ?? 0,
  canvas.pixels[offset + 1] ?? 0,
  canvas.pixels[offset + 2] ?? 0
]
