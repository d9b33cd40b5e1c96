import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import opentype, { parse } from "opentype.js"
import { addAt, type Canvas, createCanvas, scaleAt } from "./Canvas.ts"
import { fromSrgb, type Rgb, smoothstep } from "./Colour.ts"
import { writeColour } from "./finish/Finish.ts"
import { type Contour, curveTo, fill } from "./Shape.ts"

export interface CaptionResult {
  /** Characters that no font has, each once, in the order of the text. */
  readonly missingGlyphs: ReadonlyArray<string>
}

const fontFiles = [
  "@fontsource/space-grotesk/files/space-grotesk-latin-700-normal.woff",
  "@fontsource/space-grotesk/files/space-grotesk-latin-ext-700-normal.woff",
  "@fontsource/space-grotesk/files/space-grotesk-vietnamese-700-normal.woff"
] as const

const loadFonts = async (): Promise<ReadonlyArray<opentype.Font>> => {
  const resolve = createRequire(import.meta.url).resolve
  const files = await Promise.all(fontFiles.map((file) => readFile(resolve(file))))
  return files.map((file) => parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)))
}

let fontsOnce: Promise<ReadonlyArray<opentype.Font>> | undefined

const linesMost = 3

/**
 * Sets the words in the lower part of a finished picture, white on a shade that fades upwards, wrapped to at most three
 * lines; what does not fit ends in an ellipsis. Changes `pixels` in place, and nothing above the shade.
 */
export const drawCaption = async (
  pixels: Uint8Array,
  width: number,
  height: number,
  caption: string
): Promise<CaptionResult> => {
  fontsOnce ??= loadFonts()
  const fonts = await fontsOnce
  const { glyphs, missing } = glyphsOf(fonts, caption)
  const unit = Math.min(width, height)
  const size = Math.max(9, unit * 0.05)
  const margin = Math.max(4, unit * 0.075)
  const leading = size * 1.2
  const fitting = Math.max(1, Math.min(linesMost, Math.floor((height * 0.7) / leading)))
  const lines = wrap(fonts, glyphs, size, width - margin * 2, fitting)
  if (lines.length === 0) return { missingGlyphs: missing }
  const textHeight = leading * lines.length
  const shadeTop = Math.max(0, Math.floor(height - margin - textHeight - size * 2.4))
  const strip = stripOf(pixels, width, height, shadeTop)
  const lastBaseline = strip.height - margin
  paintShade(strip, Math.max(1, strip.height - margin - textHeight))
  lines.forEach((line, index) => {
    const baseline = lastBaseline - (lines.length - 1 - index) * leading
    for (const placed of line) fill(strip, outlinesOf(placed.glyph, margin + placed.x, baseline, size), white)
  })
  for (let index = 0, offset = shadeTop * width * 3; offset < pixels.length; index += 3, offset += 3) {
    writeColour(pixels, offset, strip.pixels[index] ?? 0, strip.pixels[index + 1] ?? 0, strip.pixels[index + 2] ?? 0)
  }
  return { missingGlyphs: missing }
}

const white: Rgb = [1, 1, 1]

interface Glyph {
  readonly font: opentype.Font
  readonly glyph: opentype.Glyph
  readonly space: boolean
}

interface PlacedGlyph extends Glyph {
  readonly x: number
}

// Marks and joiners without a character of their own are dropped with the character they belong to.
const silent = /\p{M}|\u200d|\ufe0f/u

const glyphsOf = (fonts: ReadonlyArray<opentype.Font>, caption: string) => {
  const text = caption
    .normalize("NFC")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
  const glyphs: Array<Glyph> = []
  const missing: Array<string> = []
  for (const character of text) {
    const font = fonts.find((candidate) => candidate.charToGlyphIndex(character) > 0)
    if (font === undefined) {
      if (!silent.test(character) && !missing.includes(character)) missing.push(character)
      continue
    }
    glyphs.push({ font, glyph: font.charToGlyph(character), space: character === " " })
  }
  return { glyphs: glyphs.every((glyph) => glyph.space) ? [] : glyphs, missing }
}

const advanceOf = ({ font, glyph }: Glyph, size: number, next: Glyph | undefined): number => {
  const kerning = next?.font === font ? font.getKerningValue(glyph, next.glyph) : 0
  return (((glyph.advanceWidth ?? 0) + kerning) / font.unitsPerEm) * size
}

const widthOf = (glyphs: ReadonlyArray<Glyph>, size: number): number =>
  glyphs.reduce((sum, glyph, index) => sum + advanceOf(glyph, size, glyphs[index + 1]), 0)

const trim = (glyphs: ReadonlyArray<Glyph>): ReadonlyArray<Glyph> => {
  const first = glyphs.findIndex((glyph) => !glyph.space)
  const last = glyphs.findLastIndex((glyph) => !glyph.space)
  return first < 0 ? [] : glyphs.slice(first, last + 1)
}

/** Breaks at spaces, and within a word only when the word alone is wider than the line. */
const wrap = (
  fonts: ReadonlyArray<opentype.Font>,
  glyphs: ReadonlyArray<Glyph>,
  size: number,
  room: number,
  most: number
): ReadonlyArray<ReadonlyArray<PlacedGlyph>> => {
  const lines: Array<ReadonlyArray<Glyph>> = []
  let rest = trim(glyphs)
  while (rest.length > 0) {
    let end = 0
    let lastSpace = 0
    for (let used = 0; end < rest.length; end++) {
      const glyph = rest[end]
      if (glyph === undefined) break
      if (glyph.space) lastSpace = end
      used += advanceOf(glyph, size, rest[end + 1])
      if (used > room && !glyph.space) break
    }
    const cut = end >= rest.length ? end : lastSpace > 0 ? lastSpace : Math.max(1, end)
    lines.push(trim(rest.slice(0, cut)))
    rest = trim(rest.slice(cut))
    if (lines.length === most && rest.length > 0) {
      lines[most - 1] = withEllipsis(fonts, lines[most - 1] ?? [], size, room)
      break
    }
  }
  return lines.map((line) => {
    let x = 0
    return line.map((glyph, index) => {
      const placed = { ...glyph, x }
      x += advanceOf(glyph, size, line[index + 1])
      return placed
    })
  })
}

const withEllipsis = (
  fonts: ReadonlyArray<opentype.Font>,
  line: ReadonlyArray<Glyph>,
  size: number,
  room: number
): ReadonlyArray<Glyph> => {
  const font = fonts.find((candidate) => candidate.charToGlyphIndex("…") > 0)
  if (font === undefined) return line
  const ellipsis = { font, glyph: font.charToGlyph("…"), space: false }
  let kept = trim(line)
  while (kept.length > 0 && widthOf([...kept, ellipsis], size) > room) kept = trim(kept.slice(0, -1))
  return [...kept, ellipsis]
}

const outlinesOf = (glyph: opentype.Glyph, x: number, y: number, size: number): ReadonlyArray<Contour> => {
  const contours: Array<Array<number>> = []
  let points: Array<number> = []
  for (const command of glyph.getPath(x, y, size).commands) {
    if (command.type === "M") {
      points = [command.x, command.y]
      contours.push(points)
    } else if (command.type === "L") {
      points.push(command.x, command.y)
    } else if (command.type === "C") {
      curveTo(points, command.x1, command.y1, command.x2, command.y2, command.x, command.y, 8)
    } else if (command.type === "Q") {
      const fromX = points[points.length - 2] ?? command.x
      const fromY = points[points.length - 1] ?? command.y
      const third = 2 / 3
      const near = (from: number, control: number) => from + (control - from) * third
      curveTo(
        points,
        near(fromX, command.x1),
        near(fromY, command.y1),
        near(command.x, command.x1),
        near(command.y, command.y1),
        command.x,
        command.y,
        8
      )
    }
  }
  return contours
}

const stripOf = (pixels: Uint8Array, width: number, height: number, top: number): Canvas => {
  const strip = createCanvas(width, height - top)
  const start = top * width * 3
  for (let index = 0; index < strip.pixels.length; index++)
    strip.pixels[index] = decode[pixels[start + index] ?? 0] ?? 0
  return strip
}

const decode = Float32Array.from({ length: 256 }, (_, value) => fromSrgb(value / 255))

/** Darkens from nothing at the top to its full depth where the text begins. */
const paintShade = (strip: Canvas, textTop: number): void => {
  for (let y = 0, offset = 0; y < strip.height; y++) {
    const shade = 0.8 * smoothstep(0, textTop, y)
    for (let x = 0; x < strip.width; x++, offset += 3) {
      scaleAt(strip, offset, 1 - shade)
      addAt(strip, offset, [0.002, 0.002, 0.003], shade)
    }
  }
}
