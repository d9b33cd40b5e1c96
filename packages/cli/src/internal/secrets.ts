/** A token typed where none belongs: what is said of the words must not repeat it. */
import type { Host, Sink } from "../Host.ts"

const tokenPattern = /isk_[a-z]_[A-Za-z0-9_-]+/g

const masking = (sink: Sink): Sink => ({
  ...sink,
  write: (text) => sink.write(text.replace(tokenPattern, "isk_..."))
})

/** The host, with tokens masked in all that is written. */
export const withoutSecrets = (host: Host): Host => ({
  ...host,
  stdout: masking(host.stdout),
  stderr: masking(host.stderr)
})
