import type { PaymentRails } from "@image-skill/core/ledger/PaymentRail"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { Account } from "@image-skill/core/studio/Account"
import { CatalogView } from "@image-skill/core/studio/CatalogView"
import { type ConfigError, Layer } from "effect"
import { type GroundOptions, layerGround, layerOwnersGround } from "./Ground.ts"
import { type LayerCallers, layerOwner } from "./identity/Callers.ts"
import { layerPayments, layerUnlimitedRails } from "./payments/Payments.ts"
import { layerWorkshop, type WorkshopOptions } from "./Workshop.ts"

export interface DesksOptions {
  /** Who a call is. */
  readonly identity: LayerCallers
  /** How credits are paid; nothing is sold by default. */
  readonly payments?: Layer.Layer<PaymentRails, ConfigError.ConfigError>
}

export interface RoomsOptions extends WorkshopOptions, DesksOptions {}

export interface HouseOptions extends RoomsOptions, GroundOptions {}

/** What is asked in front of the workshop: who calls, what there is, what it costs. */
export const layerDesks = (options: DesksOptions) =>
  Layer.mergeAll(Account.Default, CatalogView.Default, options.identity, layerPayments).pipe(
    Layer.provideMerge(options.payments ?? layerUnlimitedRails)
  )

/** The services of the house over its ground, on one data directory. The disk is not touched before a call needs it. */
export const layerRooms = (options: RoomsOptions) => Layer.provideMerge(layerDesks(options), layerWorkshop(options))

/** A house on its ground. */
export const layerHouse = (options: HouseOptions) => Layer.provideMerge(layerRooms(options), layerGround(options))

/** What the owner of this machine asks in front of the workshop. */
export const layerOwnersDesks = () => layerDesks({ identity: layerOwner() })

/** The house of the owner of this machine: every provider of ours, and the plugins that are given. */
export const layerOwnersHouse = (options: {
  readonly dataDirectory: string
  readonly plugins?: ReadonlyArray<Plugin>
}) =>
  layerOwnersDesks().pipe(
    Layer.provideMerge(layerWorkshop({ dataDirectory: options.dataDirectory })),
    Layer.provideMerge(layerOwnersGround(options.plugins))
  )
