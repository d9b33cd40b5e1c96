import { clamp, type Rgb } from "./Colour.ts"

/** A picture in the making: linear light, three floats a pixel (12 bytes, so 200 MB at 4096 x 4096). */
export interface Canvas {
  readonly width: number
  readonly height: number
  /** The shorter side. Features are sized by it, so that a picture of any shape is composed alike. */
  readonly unit: number
  readonly pixels: Float32Array
}

export const createCanvas = (width: number, height: number): Canvas => ({
  width,
  height,
  unit: Math.min(width, height),
  pixels: new Float32Array(width * height * 3)
})

/** Covers the colour at an offset (three per pixel) by `alpha`. */
export const blendAt = (canvas: Canvas, offset: number, colour: Rgb, alpha: number): void => {
  const { pixels } = canvas
  const red = pixels[offset] ?? 0
  const green = pixels[offset + 1] ?? 0
  const blue = pixels[offset + 2] ?? 0
  pixels[offset] = red + (colour[0] - red) * alpha
  pixels[offset + 1] = green + (colour[1] - green) * alpha
  pixels[offset + 2] = blue + (colour[2] - blue) * alpha
}

/** Adds light at an offset. */
export const addAt = (canvas: Canvas, offset: number, colour: Rgb, amount: number): void => {
  const { pixels } = canvas
  pixels[offset] = (pixels[offset] ?? 0) + colour[0] * amount
  pixels[offset + 1] = (pixels[offset + 1] ?? 0) + colour[1] * amount
  pixels[offset + 2] = (pixels[offset + 2] ?? 0) + colour[2] * amount
}

export const setAt = (canvas: Canvas, offset: number, colour: Rgb): void => {
  const { pixels } = canvas
  pixels[offset] = colour[0]
  pixels[offset + 1] = colour[1]
  pixels[offset + 2] = colour[2]
}

/** Dims (below 1) or lifts what is there. */
export const scaleAt = (canvas: Canvas, offset: number, factor: number): void => {
  const { pixels } = canvas
  pixels[offset] = (pixels[offset] ?? 0) * factor
  pixels[offset + 1] = (pixels[offset + 1] ?? 0) * factor
  pixels[offset + 2] = (pixels[offset + 2] ?? 0) * factor
}

/** Colours every pixel. */
export const paintAll = (canvas: Canvas, colourAt: (x: number, y: number) => Rgb): void => {
  for (let y = 0, offset = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++, offset += 3) setAt(canvas, offset, colourAt(x, y))
  }
}

/** A soft point of light, such as a star or a snowflake: `radius` in pixels is where it has fallen to a third. */
export const addGlow = (canvas: Canvas, x: number, y: number, radius: number, colour: Rgb, strength: number): void => {
  const reach = Math.ceil(radius * 2.6)
  const left = Math.max(0, Math.floor(x) - reach)
  const right = Math.min(canvas.width - 1, Math.floor(x) + reach)
  const bottom = Math.min(canvas.height - 1, Math.floor(y) + reach)
  for (let row = Math.max(0, Math.floor(y) - reach); row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const squared = (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2
      addAt(canvas, (row * canvas.width + column) * 3, colour, strength * Math.exp(-squared / (radius * radius)))
    }
  }
}

/** A line with round ends, smooth at its edges; `halfWidth` in pixels. */
export const strokeSegment = (
  canvas: Canvas,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  halfWidth: number,
  colour: Rgb,
  opacity = 1
): void => {
  const reach = halfWidth + 1
  const left = Math.max(0, Math.floor(Math.min(fromX, toX) - reach))
  const right = Math.min(canvas.width - 1, Math.ceil(Math.max(fromX, toX) + reach))
  const bottom = Math.min(canvas.height - 1, Math.ceil(Math.max(fromY, toY) + reach))
  const alongX = toX - fromX
  const alongY = toY - fromY
  const inverse = 1 / Math.max(1e-6, alongX * alongX + alongY * alongY)
  // A hairline thinner than a pixel is drawn a pixel wide and fainter.
  const solid = Math.max(halfWidth, 0.5)
  const strength = opacity * Math.min(1, halfWidth / 0.5)
  for (let row = Math.max(0, Math.floor(Math.min(fromY, toY) - reach)); row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const x = column + 0.5 - fromX
      const y = row + 0.5 - fromY
      const along = clamp((x * alongX + y * alongY) * inverse)
      const distance = Math.hypot(x - alongX * along, y - alongY * along)
      const coverage = clamp(solid + 0.5 - distance)
      if (coverage > 0) blendAt(canvas, (row * canvas.width + column) * 3, colour, coverage * strength)
    }
  }
}
