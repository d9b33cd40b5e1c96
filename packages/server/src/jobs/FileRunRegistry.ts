import { join } from "node:path"
import { FileSystem } from "@effect/platform"
import type { SqlError } from "@effect/sql/SqlError"
import { RunRegistry } from "@image-skill/core/jobs/RunRegistry"
import { Ids, RunId } from "@image-skill/core/kernel/Ids"
import { Context, Effect, Layer, Option, Scope } from "effect"
import { holdFile, isHeld } from "../sql/FileLock.ts"
import { makeFolders } from "../sql/makeFolders.ts"
import { sqlErrorOf } from "../sql/StorageProblem.ts"
import { wallClock } from "../sql/wallClock.ts"

/** A lock file this old is looked at by the sweep of a start: most belong to runs that were killed. */
const sweepAfterMillis = 60 * 60 * 1000
const sweepMax = 100
const ending = ".lock"

/**
 * The proof of life of this run: a lock on a file of its own, which the system drops with the process. `hold` is
 * called before the database is opened, so that no row names a run that does not hold its lock.
 */
export class RunLock extends Context.Tag("@image-skill/server/RunLock")<
  RunLock,
  {
    readonly self: RunId
    readonly hold: Effect.Effect<void, SqlError>
    /** False while the run lives, and where that cannot be said. */
    readonly isGone: (run: RunId) => Effect.Effect<boolean>
  }
>() {}

const make = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const scope = yield* Effect.scope
  const self = yield* (yield* Ids).run
  const fileOf = (run: RunId) => join(folder, `${run}.lock`)
  const remove = (file: string) => Effect.orElseSucceed(fs.remove(file, { force: true }), () => undefined)

  /** The file of a dead run is removed: that it is missing proves the same. */
  const isGone = (run: RunId) =>
    Effect.gen(function* () {
      const file = fileOf(run)
      if (!(yield* fs.exists(file))) return true
      if (yield* isHeld(file)) return false
      yield* remove(file)
      return true
    }).pipe(
      Effect.catchAll((error) => Effect.as(Effect.logWarning(`whether ${run} lives cannot be said`, error), false))
    )

  const sweepOne = (name: string) =>
    Effect.gen(function* () {
      const { mtime } = yield* fs.stat(join(folder, name))
      const old = Option.exists(mtime, (at) => wallClock.unsafeCurrentTimeMillis() - at.getTime() > sweepAfterMillis)
      if (old) yield* isGone(RunId.make(name.slice(0, -ending.length)))
    })

  const sweep = Effect.gen(function* () {
    const names = (yield* fs.readDirectory(folder)).filter((name) => name.endsWith(ending))
    yield* Effect.forEach(names.slice(0, sweepMax), sweepOne, { discard: true })
  }).pipe(Effect.catchAll((error) => Effect.logDebug("lock files of dead runs stay", error)))

  const holdOnce = Effect.gen(function* () {
    const file = fileOf(self)
    yield* Effect.tryPromise({ try: () => makeFolders(folder), catch: (cause) => cause })
    const held = Effect.acquireRelease(holdFile(file), (release) => Effect.zipRight(remove(file), release))
    yield* Scope.extend(Effect.asVoid(held), scope)
    yield* sweep
  }).pipe(Effect.mapError((cause) => sqlErrorOf(folder, cause)))

  const taking = yield* Effect.makeSemaphore(1)
  let held = false
  const hold = taking.withPermits(1)(
    Effect.suspend(() => (held ? Effect.void : Effect.tap(holdOnce, () => Effect.sync(() => void (held = true)))))
  )
  return { self, hold, isGone }
})

/** The lock of this run under `folder`. Nothing is touched until it is held. */
export const layerLock = (folder: string) => Layer.scoped(RunLock, make(folder))

/** Runs of one machine, each with its lock: no pid is looked at, so a reused one deceives nobody. */
export const layer = Layer.effect(
  RunRegistry,
  Effect.map(RunLock, ({ isGone, self }) => ({
    self,
    isDead: (run) => (run === self ? Effect.succeed(false) : isGone(run))
  }))
)
