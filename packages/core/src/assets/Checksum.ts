import { Context } from "effect"
import { crc32 } from "./internal/crc32.ts"

/** The CRC of PNG over `bytes[start, end)`. */
export type Crc32 = (bytes: Uint8Array, start: number, end: number) => number

/** How the checksums of an image are made: about 1 ms a megabyte, unless the platform puts in its own. */
export class Checksum extends Context.Reference<Checksum>()("@image-skill/core/Checksum", {
  defaultValue: (): { readonly crc32: Crc32 } => ({ crc32 })
}) {}
