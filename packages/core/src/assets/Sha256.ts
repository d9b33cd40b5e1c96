import { Effect } from "effect"

/** Lower-case hex SHA-256, by Web Crypto. */
export const sha256 = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.map(
    // A copy onto an ArrayBuffer of its own: Web Crypto takes no shared memory.
    Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(bytes))),
    (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )
