import { Context, Layer } from "effect"

/**
 * Who can reach this house. Loopback means bound to loopback **and** a public URL that is unset or loopback: a proxy in front is not loopback.
 * What gives money away asks here, and stays closed when in doubt.
 */
export class Reach extends Context.Tag("@image-skill/core/Reach")<Reach, { readonly isLoopback: boolean }>() {
  /** Embedded mode, and tests of a house on the machine of its owner. */
  static readonly layerLoopback = Layer.succeed(this, { isLoopback: true })
  /** A house that others can reach. */
  static readonly layerPublic = Layer.succeed(this, { isLoopback: false })
}
