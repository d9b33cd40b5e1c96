import { crc32, deflateSync } from "node:zlib"
import { fakePng } from "@image-skill/core/testing/FakeProviderPng"

const largeSide = 1_200

const chunk = (type: string, body: Uint8Array): Buffer => {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(crc32(typed), 4)
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)])
}

/** Four megabytes of stripes, not compressed, so that the picture is large and its zipped reply small. */
const largePng = (text: string): Uint8Array => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(largeSide, 0)
  header.writeUInt32BE(largeSide, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(largeSide * 3, text)])
  const pixels = Buffer.concat(Array.from({ length: largeSide }, () => row))
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels, { level: 0 })),
    chunk("IEND", Buffer.alloc(0))
  ])
}

/** The picture that the upstream makes for one output: whoever knows the attempt can say what its bytes must be. */
export const pictureOf = (attempt: string, index: number, isLarge: boolean): Uint8Array =>
  isLarge ? largePng(`${attempt}#${index}`) : fakePng(32, 32, `${attempt}#${index}`)
