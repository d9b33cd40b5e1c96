import type { AgentStore } from "@image-skill/core/identity/AgentStore"
import type { FreeCredits } from "@image-skill/core/identity/FreeCredits"
import { HousePolicy } from "@image-skill/core/identity/HousePolicy"
import { Identity } from "@image-skill/core/identity/Identity"
import type { InviteStore } from "@image-skill/core/identity/InviteStore"
import { OperatorIdentity } from "@image-skill/core/identity/OperatorIdentity"
import { loopbackRules, publicRules, RateLimits } from "@image-skill/core/identity/RateLimits"
import { Reach } from "@image-skill/core/identity/Reach"
import { Signup } from "@image-skill/core/identity/Signup"
import type { Ids } from "@image-skill/core/kernel/Ids"
import type { Transaction } from "@image-skill/core/kernel/Transaction"
import type { Ledger } from "@image-skill/core/ledger/Ledger"
import { type ConfigError, Effect, Layer } from "effect"
import { TrustedProxies } from "../http/CallerAddress.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { layerKnownOwner } from "./knownOwner.ts"
import { freeCreditsPerDay, isSignupOpen } from "./PolicyConfig.ts"

/** Who calls, who may join, who runs the house, and how often each may ask. */
export type Callers = Identity | Signup | OperatorIdentity | RateLimits | TrustedProxies

/** What telling callers apart takes. */
export type CallersNeed = AgentStore | InviteStore | FreeCredits | Ledger | Transaction | Ids | Reach

export type LayerCallers = Layer.Layer<Callers, ConfigError.ConfigError, CallersNeed>

/** Whoever calls may run the house too, as often as they like: embedded mode, and hosts that say who calls. */
export const layerOwner = (identity: Layer.Layer<Identity> = Identity.layerLocalOwner): Layer.Layer<Callers> =>
  Layer.merge(layerKnownOwner(identity), Signup.layerLocalOwner)

/** Agents with tokens, and an operator who is told by the settings. */
export const layerAgents: LayerCallers = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { policy } = yield* ServerConfig
    const { isLoopback } = yield* Reach
    const layerPolicy = HousePolicy.layer({
      freeCredits: policy.freeCredits,
      freeCreditsPerDay: freeCreditsPerDay(policy, isLoopback),
      dailyJobs: policy.dailyJobs,
      isSignupOpen: isSignupOpen(policy, isLoopback)
    })
    return Layer.mergeAll(
      Identity.layerTokens,
      Signup.layer,
      policy.isRateLimited ? RateLimits.layerMemory(isLoopback ? loopbackRules : publicRules) : RateLimits.layerOff,
      Layer.succeed(TrustedProxies, policy.trustedProxies ?? 0)
    ).pipe(Layer.provideMerge(OperatorIdentity.layer(policy.adminToken)), Layer.provide(layerPolicy))
  })
)
