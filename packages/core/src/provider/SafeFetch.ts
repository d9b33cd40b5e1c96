import { Context, Effect, Layer } from "effect"
import { ProviderError } from "./Provider.ts"

/**
 * Fetches the result URLs that a provider's reply names. They are hostile: no private addresses unless of a trusted
 * origin, every redirect checked again, no credentials, a byte limit, a deadline.
 */
export class SafeFetch extends Context.Tag("@image-skill/core/SafeFetch")<
  SafeFetch,
  { readonly bytes: (url: string) => Effect.Effect<Uint8Array, ProviderError> }
>() {
  /** Refuses every URL: for a house whose providers answer with bytes only. */
  static readonly layerNone = Layer.succeed(this, {
    bytes: () =>
      Effect.fail(
        new ProviderError({ reason: "bad_output", message: "result URLs are not fetched here", billed: "unknown" })
      )
  })
}
