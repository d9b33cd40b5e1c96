import { deflateSync } from "node:zlib"
import { crc32 as checksum } from "../../src/assets/internal/crc32.ts"

/** Images built byte by byte, for what no encoder would write. `providers/test/media/fixtures.ts` has the natural ones. */

export const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1")

export const chunk = (type: string, body: Uint8Array): Uint8Array => {
  const typed = Buffer.concat([ascii(type), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(checksum(typed, 0, typed.length), 4)
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)])
}

export const uint32 = (...values: ReadonlyArray<number>): Uint8Array => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4))
  return bytes
}

const header = (width: number, height: number, depth: number, colourType: number): Uint8Array =>
  chunk("IHDR", Buffer.concat([uint32(width, height), Uint8Array.of(depth, colourType, 0, 0, 0)]))

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const end = chunk("IEND", new Uint8Array())

/** A one-bit grey PNG, all black, with `before` between its header and its pixels. */
export const blackPng = (width: number, height: number, before: ReadonlyArray<Uint8Array> = []): Uint8Array => {
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height))
  return Buffer.concat([signature, header(width, height, 1, 0), ...before, chunk("IDAT", rows), end])
}

/** 900 megapixels in some 110 kilobytes. */
export const hugePng = (): Uint8Array => blackPng(30_000, 30_000)

/** A text chunk that would inflate to `megabytes`. */
export const textBomb = (megabytes: number): Uint8Array =>
  chunk("zTXt", Buffer.concat([ascii("Comment\0\0"), deflateSync(Buffer.alloc(megabytes * 1_000_000))]))

/** An animated PNG of grey frames; `declared` is what it says their number is. */
export const animatedPng = (frames: number, declared = frames, side = 8): Uint8Array => {
  const pixels = deflateSync(Buffer.alloc((1 + side) * side))
  const control = (sequence: number) =>
    chunk("fcTL", Buffer.concat([uint32(sequence, side, side, 0, 0), Uint8Array.of(0, 1, 0, 10, 0, 0)]))
  const later = Array.from({ length: frames - 1 }, (_, index) => [
    control(index * 2 + 1),
    chunk("fdAT", Buffer.concat([uint32(index * 2 + 2), pixels]))
  ]).flat()
  return Buffer.concat([
    signature,
    header(side, side, 8, 0),
    chunk("acTL", uint32(declared, 0)),
    ...[control(0), chunk("IDAT", pixels)],
    ...[...later, end]
  ])
}

/** The same dot over and over, 1 by 1: `frames` frames in 24 bytes each. */
export const gif = (
  frames: number,
  options: { readonly width?: number; readonly comment?: string } = {}
): Uint8Array => {
  const screen = Uint8Array.of(options.width ?? 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255)
  const control = Uint8Array.of(0x21, 0xf9, 4, 0, 10, 0, 0, 0)
  const picture = Uint8Array.of(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0)
  const comment =
    options.comment === undefined
      ? []
      : [Uint8Array.of(0x21, 0xfe, options.comment.length), ascii(options.comment), Uint8Array.of(0)]
  const body = Array.from({ length: frames }, () => [control, picture]).flat()
  return Buffer.concat([ascii("GIF89a"), screen, ...comment, ...body, Uint8Array.of(0x3b)])
}

/** An ISO media box. */
export const box = (type: string, ...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint32(body.length + 8), ascii(type), body])
}

/** A generator of whole numbers below a bound, the same for the same seed. */
export const seeded = (seed: number) => {
  let state = seed >>> 0
  return (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

/** The bytes with one to eight wounds: changed, cut off, doubled, torn out or filled with 0xff. */
export const mutated = (bytes: Uint8Array, seed: number): Uint8Array => {
  const random = seeded(seed)
  let result = Uint8Array.from(bytes)
  for (let wounds = 1 + random(8); wounds > 0 && result.length > 0; wounds--) {
    const at = random(result.length)
    const length = 1 + random(Math.min(64, result.length - at))
    const piece = result.slice(at, at + length)
    const kind = random(6)
    if (kind <= 1) result[at] = random(256)
    else if (kind === 2) result = result.slice(0, at)
    else if (kind === 3) result = Uint8Array.from([...result.slice(0, at), ...piece, ...result.slice(at)])
    else if (kind === 4) result = Uint8Array.from([...result.slice(0, at), ...result.slice(at + length)])
    else result.fill(0xff, at, at + length)
  }
  return result
}
