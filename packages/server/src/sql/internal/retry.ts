import { Effect, Random } from "effect"
import { isBusy } from "../StorageProblem.ts"
import { pause, wallClock } from "../wallClock.ts"

/** How long a lock that another process holds is waited for. */
export const lockWaitMillisMax = 10_000
/** How long one try may block the event loop. */
export const busyWaitMillis = 2
const pauseMillisMax = 20

/** What an uninterruptible region gives its parts back: the interruptibility of its caller. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Tries now. Only when another connection is in the way it is left to `otherwise`. */
export const atOnce = <A>(
  attempt: () => A,
  otherwise: (busy: unknown) => Effect.Effect<A, unknown>
): Effect.Effect<A, unknown> => {
  try {
    return Effect.succeed(attempt())
  } catch (cause) {
    return isBusy(cause) ? otherwise(cause) : Effect.fail(cause)
  }
}

/**
 * Tries until no other connection is in the way, with growing, random pauses in which other fibers run. Only the
 * pauses can be interrupted: a try that has begun a transaction always reports it.
 */
export const untilFree = <A>(
  attempt: () => A,
  restore: Restore,
  waitMillisMax = lockWaitMillisMax
): Effect.Effect<A, unknown> => {
  const tryAgain = (tries: number, since: number): Effect.Effect<A, unknown> =>
    atOnce(attempt, (busy) => {
      if (wallClock.unsafeCurrentTimeMillis() - since > waitMillisMax) return Effect.fail(busy)
      return Random.nextIntBetween(1, Math.min(2 ** (tries + 1), pauseMillisMax) + 1).pipe(
        Effect.flatMap((millis) => restore(pause(millis))),
        Effect.flatMap(() => tryAgain(Math.min(tries + 1, 8), since))
      )
    })
  return Effect.suspend(() => tryAgain(0, wallClock.unsafeCurrentTimeMillis()))
}
