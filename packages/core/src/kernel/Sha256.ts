import { Context, Effect } from "effect"

/** How a digest is made. Web Crypto, unless the simulator puts in one that needs no other thread. */
export class Digest extends Context.Reference<Digest>()("@image-skill/core/Digest", {
  defaultValue: () => ({
    // A copy onto an ArrayBuffer of its own: Web Crypto takes no shared memory.
    sha256: (bytes: Uint8Array): Effect.Effect<ArrayBuffer> =>
      Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(bytes)))
  })
}) {}

/** Lower-case hex SHA-256. */
export const sha256 = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.flatMap(Digest, (digest) => digest.sha256(bytes)).pipe(
    Effect.map((digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(""))
  )
