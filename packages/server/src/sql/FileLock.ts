import { Effect } from "effect"
import { type Connected, connect, loadLibsql } from "./internal/database.ts"
import { untilFree } from "./internal/retry.ts"
import { isBusy } from "./StorageProblem.ts"

/**
 * A lock that the system drops when its process ends, however it ends. It is the exclusive lock of an empty database:
 * the engine has the one portable implementation at hand, and knows its own locks inside one process.
 */
const take = (connected: Connected) => connected.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")

const drop = (connected: Connected) => {
  if (connected.inTransaction()) connected.exec("ROLLBACK")
  connected.close()
}

/** Holds the lock until the given effect is run. Fails when another process does not let go of it. */
export const holdFile = (file: string): Effect.Effect<Effect.Effect<void>, unknown> =>
  Effect.flatMap(loadLibsql, (libsql) =>
    Effect.try({ try: () => connect(libsql, file, 0), catch: (cause) => cause }).pipe(
      Effect.flatMap((connected) =>
        untilFree(
          () => take(connected),
          (effect) => effect
        ).pipe(
          Effect.tapError(() => Effect.sync(() => drop(connected))),
          Effect.as(Effect.sync(() => drop(connected)))
        )
      )
    )
  )

/** Whether some process holds the lock. Fails where that cannot be found out; makes the file when it is missing. */
export const isHeld = (file: string): Effect.Effect<boolean, unknown> =>
  Effect.flatMap(loadLibsql, (libsql) =>
    Effect.acquireUseRelease(
      Effect.try({ try: () => connect(libsql, file, 0), catch: (cause) => cause }),
      (connected) =>
        Effect.try({ try: () => take(connected), catch: (cause) => cause }).pipe(
          Effect.as(false),
          Effect.catchIf(isBusy, () => Effect.succeed(true))
        ),
      (connected) => Effect.sync(() => drop(connected))
    )
  )
