/** A colour in linear light, each channel 0 to 1. Everything is mixed in linear light and encoded once, at the end. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** Lightness 0 to 1, then the green-red and blue-yellow axes of OKLab. */
export type Oklab = readonly [lightness: number, a: number, b: number]

export const clamp = (value: number, low = 0, high = 1): number => (value < low ? low : value > high ? high : value)

export const lerp = (from: number, to: number, amount: number): number => from + (to - from) * amount

/** 0 below `from`, 1 above `to`, an S-curve between; `from` may be the larger of the two. */
export const smoothstep = (from: number, to: number, value: number): number => {
  const amount = clamp((value - from) / (to - from))
  return amount * amount * (3 - 2 * amount)
}

const decodeChannel = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

const encodeChannel = (value: number): number =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055

/** Reads `#rrggbb`. */
export const fromHex = (hex: string): Rgb => {
  const channel = (start: number) => decodeChannel(Number.parseInt(hex.slice(start, start + 2), 16) / 255)
  return [channel(1), channel(3), channel(5)]
}

const encodeSteps = 4096
const encodeTable = Float32Array.from({ length: encodeSteps + 2 }, (_, step) => encodeChannel(step / encodeSteps) * 255)

/** Linear light to an sRGB value 0 to 255, not rounded, so that grain can be added before rounding. */
export const toSrgb = (linear: number): number => {
  if (!(linear > 0)) return 0
  if (linear >= 1) return 255
  const position = linear * encodeSteps
  const step = position | 0
  const low = encodeTable[step] ?? 0
  return low + ((encodeTable[step + 1] ?? 255) - low) * (position - step)
}

/** An sRGB value 0 to 1 to linear light. */
export const fromSrgb = (encoded: number): number => decodeChannel(clamp(encoded))

export const toOklab = ([red, green, blue]: Rgb): Oklab => {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  ]
}

const fromOklabUnclipped = ([lightness, a, b]: Oklab): Rgb => {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s
  ]
}

const inGamut = (colour: Rgb): boolean => colour.every((channel) => channel > -0.002 && channel < 1.002)

/** The nearest displayable colour of the same lightness and hue: chroma gives way, so hues never shift. */
export const fromOklab = ([lightness, a, b]: Oklab): Rgb => {
  for (let chroma = 1; chroma > 0; chroma -= 0.04) {
    const colour = fromOklabUnclipped([lightness, a * chroma, b * chroma])
    if (inGamut(colour)) return [clamp(colour[0]), clamp(colour[1]), clamp(colour[2])]
  }
  const grey = clamp(lightness ** 3)
  return [grey, grey, grey]
}

/** Lightness 0 to 1, chroma (0.3 is vivid), hue in degrees. */
export const fromOklch = (lightness: number, chroma: number, hueDegrees: number): Rgb => {
  const hue = (hueDegrees * Math.PI) / 180
  return fromOklab([lightness, chroma * Math.cos(hue), chroma * Math.sin(hue)])
}

/** Mixes as light does. */
export const mix = (from: Rgb, to: Rgb, amount: number): Rgb => [
  lerp(from[0], to[0], amount),
  lerp(from[1], to[1], amount),
  lerp(from[2], to[2], amount)
]

/** Mixes as the eye expects: the way between two hues stays clean. Slow: for palettes, not for pixels. */
export const mixPerceived = (from: Rgb, to: Rgb, amount: number): Rgb => {
  const start = toOklab(from)
  const end = toOklab(to)
  return fromOklab([lerp(start[0], end[0], amount), lerp(start[1], end[1], amount), lerp(start[2], end[2], amount)])
}

/** Changes lightness and chroma, keeps the hue. */
export const adjust = (colour: Rgb, lightnessShift: number, chromaFactor = 1): Rgb => {
  const [lightness, a, b] = toOklab(colour)
  return fromOklab([clamp(lightness + lightnessShift), a * chromaFactor, b * chromaFactor])
}

export const lightness = (colour: Rgb): number => toOklab(colour)[0]

/**
 * A colour along a line of stops, 0 to 1, that stays near the stops: for separate areas of colour, where the grey that
 * lies half way between two opposite hues would only look dirty.
 */
export const pickTone = (stops: readonly [Rgb, ...ReadonlyArray<Rgb>], position: number): Rgb => {
  const place = clamp(position) * (stops.length - 1)
  const nearest = Math.round(place)
  const tone = stops[nearest] ?? stops[0]
  const neighbour = stops[nearest + Math.sign(place - nearest)] ?? tone
  return mixPerceived(tone, neighbour, Math.abs(place - nearest) * 0.45)
}

/** Looks a colour up along a line of stops, 0 to 1; outside is the nearest end. Allocates nothing. */
export type Ramp = (position: number) => Rgb

export const createRamp = (stops: readonly [Rgb, ...ReadonlyArray<Rgb>], steps = 512): Ramp => {
  const [first] = stops
  const table = Array.from({ length: steps }, (_, step): Rgb => {
    const position = (step / (steps - 1)) * (stops.length - 1)
    const index = Math.min(stops.length - 1, Math.floor(position))
    const from = stops[index] ?? first
    return mixPerceived(from, stops[index + 1] ?? from, position - index)
  })
  return (position) =>
    table[position <= 0 ? 0 : position >= 1 ? steps - 1 : (position * (steps - 1) + 0.5) | 0] ?? first
}
