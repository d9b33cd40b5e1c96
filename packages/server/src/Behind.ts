import { HttpServer } from "@effect/platform"
import { AssetStore } from "@image-skill/core/assets/AssetStore"
import { DailyJobs } from "@image-skill/core/identity/Quota"
import { Budgets } from "@image-skill/core/ledger/Budgets"
import { Ledger } from "@image-skill/core/ledger/Ledger"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { type ConfigError, Context, Effect, Layer, ManagedRuntime } from "effect"
import type { Behind } from "./Front.ts"
import type { OwnersGround } from "./Ground.ts"
import { type InProcess, inProcess } from "./http/inProcess.ts"
import { NamesPlaces } from "./http/NamesPlaces.ts"
import * as StorageHealth from "./identity/StorageHealth.ts"
import { inTurn } from "./inTurn.ts"
import { Resumption } from "./jobs/Resumption.ts"
import { dataPaths } from "./Storage.ts"
import { Submissions } from "./studio/Submissions.ts"
import { layerSubmissions } from "./studio/submitting.ts"
import { layerWorkshop } from "./Workshop.ts"

export interface BehindOptions {
  readonly dataDirectory: string
  readonly ground: Layer.Layer<OwnersGround, ConfigError.ConfigError>
  /** Settings and logs, beneath everything. */
  readonly beneath: Layer.Layer<never>
  /** The front's: what both stand on is built once. */
  readonly memoMap: Layer.MemoMap
}

export interface OpenBehind {
  /** Builds the services, but not their HTTP app. */
  readonly services: Effect.Effect<Behind>
  /** Every route; made by the first call. */
  readonly app: () => Promise<InProcess>
  /** Waits for the jobs that run here. */
  readonly close: () => Promise<void>
}

/** All of the owner's house. Cheap: each part is built when it is first used. */
export const openBehind = ({ beneath, dataDirectory, ground, memoMap }: BehindOptions): OpenBehind => {
  const house = ManagedRuntime.make(
    inTurn
      .and(beneath)
      .and(ground)
      .and(layerWorkshop({ dataDirectory }))
      .and(Resumption.layerOnUse)
      .and(layerSubmissions).layer,
    memoMap
  )
  const built = Effect.map(house.runtimeEffect, ({ context }) => context)
  const openApp = async (): Promise<InProcess> => {
    // Loaded only here: a create needs none of it.
    const [{ layerApp }, { layerOwnersDesks }] = await Promise.all([import("./App.ts"), import("./Server.ts")])
    return inProcess(
      Layer.merge(layerApp, HttpServer.layerContext).pipe(
        Layer.provide(layerOwnersDesks()),
        Layer.provide([
          Layer.effectContext(built),
          // The caller is the owner of this machine.
          Layer.succeed(NamesPlaces, true),
          StorageHealth.layer({ folder: dataDirectory, database: dataPaths(dataDirectory).database })
        ]),
        Layer.provide(beneath)
      )
    )
  }
  let openingApp: Promise<InProcess> | undefined
  return {
    services: built.pipe(
      Effect.map((context) => ({
        submissions: Context.get(context, Submissions),
        looks: {
          findAsset: Context.get(context, AssetStore).find,
          balance: Context.get(context, Ledger).balance,
          dailyUsed: Context.get(context, DailyJobs).used,
          dailyRefused: Context.get(context, DailyJobs).refused,
          overrunOf: Context.get(context, Budgets).overrunOf,
          shortageOf: Context.get(context, JobRunner).shortageOf
        }
      })),
      // What can be wrong with the settings was looked at before.
      Effect.orDie
    ),
    app: () => (openingApp ??= openApp()),
    close: async () => {
      await (await openingApp)?.close()
      await house.dispose()
    }
  }
}
