import { Identity } from "@image-skill/core/identity/Identity"
import { OperatorIdentity } from "@image-skill/core/identity/OperatorIdentity"
import { RateLimits } from "@image-skill/core/identity/RateLimits"
import { Layer } from "effect"
import { TrustedProxies } from "../http/CallerAddress.ts"
import { inTurn } from "../inTurn.ts"

/** What answering a call takes where every caller is the owner: nothing of the ledger, nothing of signups. */
export const layerKnownOwner = (identity: Layer.Layer<Identity> = Identity.layerLocalOwner) =>
  inTurn
    .and(identity)
    .and(OperatorIdentity.layerLocalOwner)
    .and(RateLimits.layerOff)
    .and(Layer.succeed(TrustedProxies, 0)).layer
