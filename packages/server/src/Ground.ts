import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { Reach } from "@image-skill/core/identity/Reach"
import { Ids } from "@image-skill/core/kernel/Ids"
import { CreditPolicy } from "@image-skill/core/pricing/CreditPolicy"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { ProviderRegistry } from "@image-skill/core/provider/ProviderRegistry"
import { builtIn } from "@image-skill/providers/builtIn"
import { Effect, Layer } from "effect"
import * as NativeHashes from "./assets/NativeHashes.ts"
import { inTurn } from "./inTurn.ts"
import { ServerConfig } from "./ServerConfig.ts"

export interface GroundOptions {
  readonly plugins: ReadonlyArray<Plugin>
  /** Plugins of this repository: not checked against the schema at each start. */
  readonly builtIn?: ReadonlyArray<Plugin>
  /** Where ids come from; by default each is of its own making. */
  readonly ids?: Layer.Layer<Ids>
  /** Where assets are served. */
  readonly media: Layer.Layer<MediaOrigin>
}

const CreditPolicyLive = Layer.unwrapEffect(
  Effect.map(ServerConfig, ({ multiplier }) => CreditPolicy.layer(multiplier))
)

/** What the house stands on: the providers and its policy. Enough to plan and to price, and no storage. */
export const layerGround = (options: GroundOptions) =>
  inTurn
    // For whoever runs on the ground alone: what a call forks has the hashes of its caller.
    .and(NativeHashes.layer)
    .and(options.ids ?? Ids.layer)
    .and(options.media)
    .and(CreditPolicyLive)
    .and(ProviderRegistry.layer(options.plugins, options.builtIn)).layer

/** The ground of the owner of this machine: every provider of ours, and the plugins that are given. */
export const layerOwnersGround = (plugins: ReadonlyArray<Plugin> = []) =>
  inTurn
    .and(Reach.layerLoopback)
    .and(
      Layer.unwrapEffect(
        Effect.map(builtIn, (own) => layerGround({ plugins, builtIn: own, media: MediaOrigin.layerEmbedded }))
      )
    ).layer

export type OwnersGround = Layer.Layer.Success<ReturnType<typeof layerOwnersGround>>
