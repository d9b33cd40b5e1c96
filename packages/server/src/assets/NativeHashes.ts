import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { Checksum } from "@image-skill/core/assets/Checksum"
import { Digest } from "@image-skill/core/kernel/Sha256"
import { Effect, Layer } from "effect"

/** Above this the event loop would stand still for more than about 10 ms. */
const onThisThreadBytesMax = 16 * 1024 * 1024

/**
 * Node's own SHA-256 and CRC. The digest is made where it is asked for: Web Crypto copies the bytes twice and hands
 * them to another thread, which costs more than the digest itself (3 MB: 2 ms).
 */
export const layer = Layer.merge(
  Layer.succeed(Digest, {
    sha256: (bytes) =>
      bytes.length > onThisThreadBytesMax
        ? Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(bytes)))
        : Effect.sync(() => createHash("sha256").update(bytes).digest())
  }),
  Layer.succeed(Checksum, { crc32: (bytes, start, end) => crc32(bytes.subarray(start, end)) })
)
