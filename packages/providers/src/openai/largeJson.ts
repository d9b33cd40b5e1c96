import { freshMemory, type ScratchMemory } from "@image-skill/core/kernel/Scratch"

/**
 * Image answers are JSON with megabytes of base64 in it. Parsing that whole makes three copies of every image; here the
 * long strings stay where they lie, the short rest is parsed, and base64 is decoded from the bytes themselves.
 */

/** The answer without its long strings: each is replaced by a mark that `bytesAt` knows. */
export interface LargeJson {
  readonly text: string
  /** The bytes that a string of base64 or a data URI stands for; null when it is neither. */
  readonly bytesAt: (value: string) => Uint8Array | null
}

interface Cut {
  readonly start: number
  readonly end: number
}

const quote = 0x22
const backslash = 0x5c
const longFrom = 4096
/** A NUL cannot stand in JSON unescaped, and no API sends one. */
const mark = "\u0000cut:"

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Where the string that starts at `from` ends; -1 when it does not. */
const endOfString = (json: Buffer, from: number): number => {
  for (let at = json.indexOf(quote, from); at >= 0; at = json.indexOf(quote, at + 1)) {
    let before = at
    while (before > from && json[before - 1] === backslash) before -= 1
    if ((at - before) % 2 === 0) return at
  }
  return -1
}

export const readLargeJson = (bytes: Uint8Array, scratch: ScratchMemory = freshMemory): LargeJson => {
  const json = viewOf(bytes)
  const cuts: Array<Cut> = []
  const pieces: Array<string> = []
  let kept = 0
  for (let open = json.indexOf(quote); open >= 0; ) {
    const end = endOfString(json, open + 1)
    // A torn answer: what is left is no JSON, and need not be copied to learn that.
    if (end < 0) return { text: "", bytesAt: () => null }
    if (end - open > longFrom) {
      pieces.push(json.toString("utf8", kept, open + 1), `\\u0000cut:${cuts.length}`)
      cuts.push({ start: open + 1, end })
      kept = end
    }
    open = json.indexOf(quote, end + 1)
  }
  pieces.push(json.toString("utf8", kept))
  return {
    text: pieces.join(""),
    bytesAt: (value) => {
      const cut = value.startsWith(mark) ? cuts[Number(value.slice(mark.length))] : undefined
      return cut === undefined ? bytesOfText(value) : bytesOfCut(json, cut, scratch)
    }
  }
}

const dataUri = /^data:[^,]{0,200};base64,/
const dataUriBytesMax = 256

const bytesOfText = (text: string): Uint8Array | null => {
  const prefix = dataUri.exec(text)?.[0].length ?? 0
  return prefix === 0 && !/^[A-Za-z0-9+/_=\s-]+$/.test(text) ? null : Buffer.from(text.slice(prefix), "base64")
}

const bytesOfCut = (json: Buffer, { start, end }: Cut, scratch: ScratchMemory): Uint8Array | null => {
  const head = json.toString("latin1", start, Math.min(end, start + dataUriBytesMax))
  const prefix = dataUri.exec(head)?.[0].length ?? 0
  return decodeBase64(json, start + prefix, end, scratch) ?? bytesOfText(unescaped(json.toString("utf8", start, end)))
}

const escapes = /\\(?:u([0-9a-fA-F]{4})|(.))/g
const controls: { readonly [letter: string]: string } = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }

const unescaped = (text: string): string =>
  text.replace(escapes, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (controls[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16))
  )

/** A multiple of 4 characters. Measured: above 64 KiB and below 1 MiB a piece costs three times as much. */
const pieceLength = 32 * 1024

const equals = 0x3d

/** Plain base64 from the bytes of its text, piece by piece; null when it holds anything else, such as an escape. */
const decodeBase64 = (json: Buffer, start: number, end: number, scratch: ScratchMemory): Uint8Array | null => {
  let last = end
  while (last > start && end - last < 2 && json[last - 1] === equals) last -= 1
  const size = Math.floor(((last - start) * 3) / 4)
  const out = viewOf(scratch.take(size))
  let written = 0
  for (let at = start; at < last; at += pieceLength) {
    const stop = Math.min(last, at + pieceLength)
    const count = out.write(json.toString("latin1", at, stop), written, "base64")
    // Characters that are no base64 are skipped in silence: then a piece comes out short.
    if (count !== Math.floor(((stop - at) * 3) / 4)) return null
    written += count
  }
  return out
}
