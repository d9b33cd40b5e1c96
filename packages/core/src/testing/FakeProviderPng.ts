/** Its own few lines of PNG: a double that leaned on the code under test could not contradict it. */
const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const bytesOfUint32be = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff)

const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

const chunk = (type: string, body: Uint8Array): Uint8Array => {
  const typed = concat([bytesOf(type), body])
  return concat([bytesOfUint32be(body.length), typed, bytesOfUint32be(crc32(typed))])
}

const header = (width: number, height: number): Uint8Array =>
  chunk("IHDR", concat([bytesOfUint32be(width), bytesOfUint32be(height), Uint8Array.of(1, 0, 0, 0, 0)]))

const adler32 = (bytes: Uint8Array): number => {
  let low = 1
  let high = 0
  for (const byte of bytes) {
    low = (low + byte) % 65_521
    high = (high + low) % 65_521
  }
  return ((high << 16) | low) >>> 0
}

/** The zlib form of bytes without any compression: one stored block, so at most 65,535 of them. */
const stored = (bytes: Uint8Array): Uint8Array =>
  concat([
    Uint8Array.of(
      0x78,
      0x01,
      1,
      bytes.length & 0xff,
      bytes.length >> 8,
      ~bytes.length & 0xff,
      (~bytes.length >> 8) & 0xff
    ),
    bytes,
    bytesOfUint32be(adler32(bytes))
  ])

/** A one-bit grey PNG whose stripes come from a text: another text, other bytes. Up to some 700 by 700 pixels. */
export const fakePng = (width: number, height: number, text: string): Uint8Array => {
  const pattern = bytesOf(text)
  const stride = 1 + Math.ceil(width / 8)
  const rows = new Uint8Array(stride * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 1; x < stride; x += 1) rows[y * stride + x] = pattern[(y + x) % pattern.length] ?? 0
  }
  return concat([signature, header(width, height), chunk("IDAT", stored(rows)), chunk("IEND", new Uint8Array())])
}

/** A few bytes that say they are 900 megapixels. */
export const hugePng = (): Uint8Array =>
  concat([signature, header(30_000, 30_000), chunk("IDAT", stored(new Uint8Array(8))), chunk("IEND", new Uint8Array())])
