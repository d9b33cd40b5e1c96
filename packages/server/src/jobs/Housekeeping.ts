import { FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { Effect, Layer, Schedule } from "effect"
import { Tidying } from "./Tidying.ts"

const every = "30 seconds"
const openJobsMost = 200

/**
 * For a process that stays: takes up what dead processes left, tries again what could not be stored, gives back what
 * cannot be any more, and tidies up; at once, and every half minute. Where there is no database yet it makes none.
 */
export const layerHousekeeping = (database: string) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const runner = yield* JobRunner
      const tidying = yield* Tidying
      const round = Effect.gen(function* () {
        if (!(yield* files.exists(database))) return
        yield* runner.resume(openJobsMost)
        yield* tidying.run
      })
      yield* Effect.forkScoped(
        round.pipe(
          Effect.catchAll((error) => Effect.logWarning("housekeeping: the store cannot be used now", error)),
          Effect.repeat(Schedule.spaced(every))
        )
      )
    })
  ).pipe(Layer.provide(NodeFileSystem.layer))
