import { JobScheduler } from "@image-skill/core/jobs/JobScheduler"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { Effect, Layer, Schedule } from "effect"
import { Resumption } from "../jobs/Resumption.ts"
import { Tidying } from "../jobs/Tidying.ts"

const scanEvery = "5 seconds"
const sweepEvery = "30 seconds"
const openJobsMost = 1_000

const inRounds = (
  name: string,
  round: Effect.Effect<unknown, { readonly message: string }>,
  every: "5 seconds" | "30 seconds"
) =>
  round.pipe(
    Effect.catchAll((error) => Effect.logWarning(`${name}: the store cannot be used now: ${error.message}`)),
    Effect.catchAllDefect((defect) => Effect.logError(`${name} broke`, defect)),
    Effect.repeat(Schedule.spaced(every)),
    Effect.forkScoped
  )

/**
 * A server takes up what dead processes left when it starts, and every few seconds what others left since; in between
 * the scheduler names the jobs whose time has come.
 */
export const layerScheduling = Layer.scopedDiscard(
  Effect.gen(function* () {
    const runner = yield* JobRunner
    const tidying = yield* Tidying
    const scheduler = yield* JobScheduler
    yield* scheduler.listen(runner.start)
    yield* inRounds("taking up jobs", runner.resume(openJobsMost), scanEvery)
    yield* inRounds("tidying up", tidying.run, sweepEvery)
  })
)

/** No call of a server takes up jobs: the server does by itself. */
export const layerNoResumption = Layer.succeed(Resumption, { onUse: Effect.void })
