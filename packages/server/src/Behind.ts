import { HttpServer } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { AssetStore } from "@image-skill/core/assets/AssetStore"
import { DailyJobs } from "@image-skill/core/identity/Quota"
import type { Failure } from "@image-skill/core/kernel/Errors"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Budgets } from "@image-skill/core/ledger/Budgets"
import { Ledger } from "@image-skill/core/ledger/Ledger"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { type ConfigError, Context, Effect, Layer, ManagedRuntime } from "effect"
import type { Behind } from "./Front.ts"
import type { OwnersGround } from "./Ground.ts"
import { type InProcess, inProcess, inProcessApp } from "./http/inProcess.ts"
import { NamesPlaces } from "./http/NamesPlaces.ts"
import { refusing } from "./http/Refusing.ts"
import { Routes } from "./http/Routes.ts"
import * as StorageHealth from "./identity/StorageHealth.ts"
import { Resumption } from "./jobs/Resumption.ts"
import { layerApp, layerOwnersRooms } from "./Server.ts"
import { dataPaths } from "./Storage.ts"
import { Submissions } from "./studio/Submissions.ts"
import { layerSubmissions } from "./studio/submitting.ts"

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
  /** Every route. */
  readonly app: InProcess
  /** Waits for the jobs that run here. */
  readonly close: () => Promise<void>
}

/** All of the owner's house. Cheap: each part is built when it is first used. */
export const openBehind = ({ beneath, dataDirectory, ground, memoMap }: BehindOptions): OpenBehind => {
  const house = ManagedRuntime.make(
    layerSubmissions.pipe(
      Layer.provideMerge(Resumption.layerOnUse),
      Layer.provideMerge(layerOwnersRooms(dataDirectory)),
      Layer.provideMerge(ground),
      Layer.provide(beneath)
    ),
    memoMap
  )
  const built = Effect.map(house.runtimeEffect, ({ context }) => context)
  const app = inProcess(
    Layer.merge(layerApp, HttpServer.layerContext).pipe(
      Layer.provide([
        Layer.effectContext(built),
        // The caller is the owner of this machine.
        Layer.succeed(NamesPlaces, true),
        StorageHealth.layer({ folder: dataDirectory, database: dataPaths(dataDirectory).database })
      ]),
      Layer.provide(beneath)
    )
  )
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
    app,
    close: async () => {
      await app.close()
      await house.dispose()
    }
  }
}

/** A house whose settings cannot be read answers every request with what is wrong with them. */
export const misconfigured = (error: Failure<"INVALID_ARGUMENTS">): InProcess =>
  inProcessApp(Effect.provide(refusing(error), Layer.merge(Ids.layer, Routes.layer(Api))))
