import { uint8 } from "./bytes.ts"

const sequenceHeader = 1
const temporalUnitsMax = 16

/**
 * The largest frame that an AV1 stream announces, from its sequence header. The container's size is only a claim; this
 * is what the decoder makes room for. `undefined` when no header can be read.
 */
export const av1SequenceSize = (
  bytes: Uint8Array,
  start: number,
  end: number
): { readonly width: number; readonly height: number } | undefined => {
  let offset = start
  for (let count = 0; count < temporalUnitsMax && offset < end; count++) {
    const header = uint8(bytes, offset)
    const hasExtension = (header & 0x04) !== 0
    const hasSize = (header & 0x02) !== 0
    const afterHeader = offset + (hasExtension ? 2 : 1)
    const size = hasSize ? readLeb128(bytes, afterHeader) : { value: end - afterHeader, end: afterHeader }
    if (((header >>> 3) & 0x0f) === sequenceHeader) {
      return readSequenceHeader(bytes.subarray(size.end, Math.min(size.end + size.value, end)))
    }
    offset = size.end + size.value
  }
  return undefined
}

const readLeb128 = (bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } => {
  let value = 0
  for (let index = 0; index < 8; index++) {
    const byte = uint8(bytes, start + index)
    value += (byte & 0x7f) * 2 ** (index * 7)
    if ((byte & 0x80) === 0) return { value, end: start + index + 1 }
  }
  return { value, end: start + 8 }
}

/** Reads bits, highest first; past the end they are zero. */
const bitReader = (bytes: Uint8Array) => {
  let position = 0
  return (count: number): number => {
    let value = 0
    for (let index = 0; index < count; index++, position++) {
      value = value * 2 + ((uint8(bytes, position >>> 3) >>> (7 - (position & 7))) & 1)
    }
    return value
  }
}

type Bits = ReturnType<typeof bitReader>

/** AV1 specification, section 5.5.1, as far as the frame size. */
const readSequenceHeader = (bytes: Uint8Array) => {
  const bits = bitReader(bytes)
  bits(3 + 1) // profile, still picture
  if (bits(1) === 1) {
    bits(5) // level of the reduced header
  } else {
    const decoderModel = bits(1) === 1 ? readTimingInfo(bits) : undefined
    readOperatingPoints(bits, decoderModel)
  }
  const widthBits = bits(4) + 1
  const heightBits = bits(4) + 1
  return { width: bits(widthBits) + 1, height: bits(heightBits) + 1 }
}

/** The length of delay fields when a decoder model follows the timing, else `undefined`. */
const readTimingInfo = (bits: Bits): number | undefined => {
  bits(32 + 32)
  if (bits(1) === 1) readVariableLength(bits)
  if (bits(1) === 0) return undefined
  const delayBits = bits(5) + 1
  bits(32 + 5 + 5)
  return delayBits
}

const readVariableLength = (bits: Bits): void => {
  let zeros = 0
  while (zeros < 32 && bits(1) === 0) zeros++
  bits(zeros)
}

const readOperatingPoints = (bits: Bits, delayBits: number | undefined): void => {
  const hasInitialDelay = bits(1) === 1
  const points = bits(5) + 1
  for (let point = 0; point < points; point++) {
    bits(12)
    if (bits(5) > 7) bits(1)
    if (delayBits !== undefined && bits(1) === 1) bits(delayBits * 2 + 1)
    if (hasInitialDelay && bits(1) === 1) bits(4)
  }
}
