import { adjust, fromHex, fromOklch, lightness, mixPerceived, type Rgb, toOklab } from "./Colour.ts"
import type { Random } from "./Random.ts"

/** Six tones from the darkest to the lightest; the fourth is the accent, the last the colour of the light. */
export type Tones = readonly [shade: Rgb, deep: Rgb, middle: Rgb, accent: Rgb, pale: Rgb, glow: Rgb]

export interface Palette {
  /** The name of the palette the prompt asked for, or how it was made. */
  readonly name: string
  readonly tones: Tones
}

const tones = (hexes: readonly [string, string, string, string, string, string]): Tones => [
  fromHex(hexes[0]),
  fromHex(hexes[1]),
  fromHex(hexes[2]),
  fromHex(hexes[3]),
  fromHex(hexes[4]),
  fromHex(hexes[5])
]

export const palettes = {
  sunset: tones(["#1c1238", "#47205f", "#a3305f", "#ee6c48", "#fdbc68", "#fff0cc"]),
  dawn: tones(["#1d2547", "#474a80", "#a06f9d", "#f0a09c", "#fbd2ae", "#fff5e2"]),
  day: tones(["#0f3050", "#1f6490", "#4a9fc6", "#98d0e6", "#d9eef2", "#fffcee"]),
  night: tones(["#040813", "#0a1733", "#163463", "#35629a", "#8bacd6", "#f4f6ff"]),
  autumn: tones(["#28110f", "#5e2216", "#a5421c", "#dc7a2a", "#f0ba5c", "#fdf0d2"]),
  spring: tones(["#153527", "#38734a", "#82b46a", "#f2a9bd", "#f9dcc6", "#fffaf0"]),
  winter: tones(["#14263c", "#355a7e", "#7699bc", "#b4cddf", "#e0ebf2", "#ffffff"]),
  summer: tones(["#0a3a46", "#107f88", "#35bfb2", "#ff9b62", "#ffd36b", "#fff7df"]),
  forest: tones(["#08190f", "#14382a", "#2b6146", "#6a9c6a", "#bed19f", "#fbf6da"]),
  ocean: tones(["#031a2b", "#073c5a", "#0d7092", "#3cabb9", "#a3dedb", "#fdf5e1"]),
  desert: tones(["#3a1917", "#7d3926", "#c3683a", "#e69b5b", "#f5ce98", "#fff3d8"]),
  neon: tones(["#090618", "#28105a", "#7a1ca6", "#ff2e93", "#25dff2", "#fdf6a0"]),
  pastel: tones(["#5a588a", "#978cc0", "#d4aed2", "#f7c5cc", "#fce3c8", "#fffaf0"]),
  mono: tones(["#0c0c0e", "#2a2a2e", "#5b5b60", "#99999d", "#d3d3d5", "#fafaf8"]),
  gold: tones(["#17110a", "#4b3412", "#91691f", "#d2a13a", "#f1d58a", "#fff8e0"]),
  ice: tones(["#0a2438", "#285f84", "#6aa7c8", "#aad6e8", "#ddf1f8", "#ffffff"]),
  fire: tones(["#140405", "#4d0b0d", "#aa1e12", "#ef5a1b", "#ffb13d", "#fff2b8"]),
  space: tones(["#03030c", "#120a30", "#3b1664", "#87307f", "#e36d8c", "#ffe8c6"]),
  vintage: tones(["#2a2934", "#4c5d66", "#85947e", "#df8a5c", "#e3bd82", "#f6ead1"]),
  rose: tones(["#2a0e1e", "#6b1e40", "#b5446c", "#e88aa0", "#f7c5c8", "#fff4ef"]),
  storm: tones(["#0d1219", "#222e3b", "#41546a", "#6f859a", "#aab9c4", "#eaeef0"]),
  tropical: tones(["#062b2f", "#0a6b64", "#1fa87c", "#f88053", "#f4c44f", "#fff5da"])
} as const

export type PaletteName = keyof typeof palettes

const mapTones = (source: Tones, change: (tone: Rgb, index: number) => Rgb): Tones => [
  change(source[0], 0),
  change(source[1], 1),
  change(source[2], 2),
  change(source[3], 3),
  change(source[4], 4),
  change(source[5], 5)
]

const blendShares = [0.4, 1, 1, 1, 1, 0.4] as const
const tintShares = [0.45, 0.9, 1, 0.62, 0.35, 0.1] as const

const areOpposed = (one: Rgb, other: Rgb): boolean => {
  const [, a, b] = toOklab(one)
  const [, otherA, otherB] = toOklab(other)
  return a * otherA + b * otherB < -0.0004
}

/**
 * Colours the first palette with a second; `share` is how much of the second shows in the middle tones. Opposite hues
 * would meet in grey: there the second gives its accent alone, and the others stay as they are.
 */
export const blendPalettes = (first: Tones, second: Tones, share: number): Tones =>
  mapTones(first, (tone, index) => {
    const other = second[index] ?? tone
    if (areOpposed(tone, other)) return index === 3 && share > 0.1 ? other : tone
    return mixPerceived(tone, other, share * (blendShares[index] ?? 1))
  })

/** Colours the body of a palette and leaves it its light: a green dawn is still a dawn. */
export const tintPalette = (source: Tones, tint: Tones, share: number): Tones =>
  mapTones(source, (tone, index) => mixPerceived(tone, tint[index] ?? tone, share * (tintShares[index] ?? 1)))

const lightnesses = [0.17, 0.33, 0.5, 0.67, 0.83, 0.96] as const
const chromaShares = [0.5, 0.85, 1, 1, 0.6, 0.18] as const

/** A palette that is plainly of the named colours: the darkest of them rules the shadows, the lightest the lights. */
export const paletteOfColours = (colours: readonly [Rgb, ...ReadonlyArray<Rgb>]): Tones => {
  const sorted = [...colours].sort((one, other) => lightness(one) - lightness(other))
  const tone = (index: number): Rgb => {
    const source = sorted[Math.min(sorted.length - 1, Math.floor((index / 6) * sorted.length))] ?? colours[0]
    const [, a, b] = toOklab(source)
    const hue = (Math.atan2(b, a) * 180) / Math.PI
    // Hues lean to warm in the lights and to cool in the shadows, as they do outdoors.
    const lean = (index - 2.5) * 6
    return fromOklch(lightnesses[index] ?? 0.5, Math.hypot(a, b) * (chromaShares[index] ?? 1), hue + lean)
  }
  return mapTones(palettes.mono, (_, index) => tone(index))
}

/** Hue steps from the shadows to the accent that are known to sit well together, in degrees. */
const harmonies = [
  { name: "analogous", step: 14, accent: 50 },
  { name: "split", step: 16, accent: 150 },
  { name: "triad", step: -12, accent: 120 },
  { name: "complement", step: 8, accent: 180 },
  { name: "dusk", step: 26, accent: 84 }
] as const

/** A palette for words we do not know: the words choose the hue, the seed only varies it. */
export const paletteOfHash = (hash: number, random: Random): Palette => {
  // Not from the yellows: a dark yellow is mud.
  const hue = 140 + (hash % 2350) / 10 + random.between(-6, 6)
  const harmony = harmonies[Math.floor(hash / 3600) % harmonies.length] ?? harmonies[0]
  const vividness = random.between(0.12, 0.16)
  const tone = (index: number): Rgb => {
    const turn = index === 3 ? harmony.accent : index > 3 ? harmony.accent * 0.72 + harmony.step : harmony.step * index
    const place = (((hue + turn) % 360) + 360) % 360
    const lightness = lightnesses[index] ?? 0.5
    // Where a yellow does fall, it must be light: below this it turns to olive.
    const lifted =
      place > 55 && place < 128 ? Math.max(lightness, index >= 3 ? 0.83 + (index - 3) * 0.05 : 0.4) : lightness
    return fromOklch(lifted, vividness * (chromaShares[index] ?? 1) * (index === 3 ? 1.15 : 1), place)
  }
  return { name: `hashed ${harmony.name}`, tones: mapTones(palettes.mono, (_, index) => tone(index)) }
}

/** Darkens and calms every tone but the light, for a night that was asked for in words of the day. */
export const nightfall = (source: Tones): Tones =>
  mapTones(source, (tone, index) => (index === 5 ? tone : adjust(tone, -0.1 + index * 0.005, 0.95)))
