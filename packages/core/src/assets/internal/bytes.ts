/**
 * Readers that never throw: a byte past the end reads as zero. Walkers check their bounds before they read; where one
 * forgets, hostile bytes get a wrong number and not an exception.
 */
export const uint8 = (bytes: Uint8Array, offset: number): number => bytes[offset] ?? 0

export const uint16be = (bytes: Uint8Array, offset: number): number =>
  uint8(bytes, offset) * 0x100 + uint8(bytes, offset + 1)

export const uint16le = (bytes: Uint8Array, offset: number): number =>
  uint8(bytes, offset) + uint8(bytes, offset + 1) * 0x100

export const uint24le = (bytes: Uint8Array, offset: number): number =>
  uint16le(bytes, offset) + uint8(bytes, offset + 2) * 0x1_0000

export const uint32be = (bytes: Uint8Array, offset: number): number =>
  uint16be(bytes, offset) * 0x1_0000 + uint16be(bytes, offset + 2)

export const uint32le = (bytes: Uint8Array, offset: number): number =>
  uint16le(bytes, offset) + uint16le(bytes, offset + 2) * 0x1_0000

/** Exact up to 2^53; beyond that it is merely far too large, which every caller refuses anyway. */
export const uint64be = (bytes: Uint8Array, offset: number): number =>
  uint32be(bytes, offset) * 0x1_0000_0000 + uint32be(bytes, offset + 4)

/** The bytes as characters, one each; shorter than `length` at the end of the bytes. */
export const latin1 = (bytes: Uint8Array, offset: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(offset, offset + length))

/** Whether these characters stand at this offset. */
export const matches = (bytes: Uint8Array, offset: number, text: string): boolean =>
  offset + text.length <= bytes.length && latin1(bytes, offset, text.length) === text

/** Characters below 256 as bytes. */
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

export const bytesOfUint32be = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff)

export const bytesOfUint32le = (value: number): Uint8Array => bytesOfUint32be(value).reverse()

export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])
