import { Either } from "effect"
import type { MediaType } from "../../kernel/Media.ts"
import { latin1, matches, uint8, uint32be } from "./bytes.ts"
import type { Guess } from "./layout.ts"

const textWindow = 1024
const brandsMax = 64

/** The media type that the first bytes prove, or a guess of what stands there instead. File names are not asked. */
export const sniff = (bytes: Uint8Array): Either.Either<MediaType, Guess> => {
  if (matches(bytes, 0, "\x89PNG\r\n\x1a\n")) return Either.right("image/png")
  if (matches(bytes, 0, "\xff\xd8\xff")) return Either.right("image/jpeg")
  if (matches(bytes, 0, "GIF87a") || matches(bytes, 0, "GIF89a")) return Either.right("image/gif")
  if (matches(bytes, 0, "RIFF") && matches(bytes, 8, "WEBP")) return Either.right("image/webp")
  if (matches(bytes, 4, "ftyp")) return sniffFileType(bytes)
  return Either.left(guess(bytes))
}

/** AVIF and HEIC share a container; the brands in its first box tell them apart, wherever AVIF stands in the list. */
const sniffFileType = (bytes: Uint8Array): Either.Either<MediaType, Guess> => {
  const end = Math.min(uint32be(bytes, 0), bytes.length, 8 + brandsMax * 4)
  const brands: Array<string> = []
  for (let offset = 8; offset + 4 <= end; offset += 4) brands.push(latin1(bytes, offset, 4))
  if (brands.includes("avif") || brands.includes("avis")) return Either.right("image/avif")
  const isHeic = brands.some((brand) => /^(hei[cxsm]|hev[cxsm]|mif1|msf1)$/.test(brand))
  return Either.left(isHeic ? "heic" : "unknown")
}

const guess = (bytes: Uint8Array): Guess => {
  if (matches(bytes, 0, "%PDF-")) return "pdf"
  const start = matches(bytes, 0, "\xef\xbb\xbf") ? 3 : 0
  const head = latin1(bytes, start, textWindow).trimStart().toLowerCase()
  if (/<svg[\s>:]/.test(head)) return "svg"
  if (/^(<!doctype html|<html|<head|<body|<script|<!--)/.test(head)) return "html"
  return looksLikeText(bytes.subarray(start, start + textWindow)) ? "text" : "unknown"
}

const looksLikeText = (window: Uint8Array): boolean => {
  for (let offset = 0; offset < window.length; offset++) {
    const byte = uint8(window, offset)
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false
    if (byte === 0x7f || byte === 0xff || byte === 0xfe) return false
  }
  return true
}
