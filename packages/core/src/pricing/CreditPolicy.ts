import { Context, Layer } from "effect"
import { type CreditMultiplier, defaultMultiplier } from "../kernel/Money.ts"

/** What the house charges over a provider's cost. Policy, not a fact of a model. */
export class CreditPolicy extends Context.Tag("@image-skill/core/CreditPolicy")<
  CreditPolicy,
  { readonly multiplier: CreditMultiplier }
>() {
  static readonly layer = (multiplier: CreditMultiplier) => Layer.succeed(this, { multiplier })
  static readonly layerDefault = this.layer(defaultMultiplier)
}
