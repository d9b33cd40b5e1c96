import { Context, Effect } from "effect"
import { hexOf } from "./Hex.ts"

/** How a digest is made. Web Crypto, unless the platform puts in its own, or the simulator one that needs no thread. */
export class Digest extends Context.Reference<Digest>()("@image-skill/core/Digest", {
  defaultValue: () => ({
    // A copy onto an ArrayBuffer of its own: Web Crypto takes no shared memory.
    sha256: (bytes: Uint8Array): Effect.Effect<ArrayBuffer | Uint8Array> =>
      Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(bytes)))
  })
}) {}

/** Lower-case hex SHA-256. */
export const sha256 = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.flatMap(Digest, (digest) => digest.sha256(bytes)).pipe(Effect.map((digest) => hexOf(new Uint8Array(digest))))
