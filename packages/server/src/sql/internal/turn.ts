import { Effect } from "effect"
import type { Restore } from "./retry.ts"

interface Ticket {
  readonly called: () => void
}

/**
 * One holder at a time, first come first served. `timeout` is the failure of a wait that lasted longer than
 * `waitMillisMax`. A holder that is interrupted, at any point, passes the turn on.
 */
export const makeTurn = (waitMillisMax: number) => {
  let holder: symbol | null = null
  const waiting = new Map<symbol, Ticket>()

  const enter = <E>(self: symbol, timeout: () => E): Effect.Effect<void, E> =>
    Effect.suspend(() => {
      if (holder === null) {
        holder = self
        return Effect.void
      }
      return Effect.async<void, E>((resume) => {
        const timer = setTimeout(() => {
          waiting.delete(self)
          resume(Effect.failSync(timeout))
        }, waitMillisMax)
        waiting.set(self, {
          called: () => {
            clearTimeout(timer)
            resume(Effect.void)
          }
        })
        return Effect.sync(() => clearTimeout(timer))
      })
    })

  const leave = (self: symbol) =>
    Effect.sync(() => {
      waiting.delete(self)
      if (holder !== self) return
      const [next] = waiting
      holder = next === undefined ? null : next[0]
      if (next === undefined) return
      waiting.delete(next[0])
      next[1].called()
    })

  /** Runs `body` uninterruptibly in its turn; what may be interrupted it marks with `restore`. */
  return <A, E, R, E2>(
    timeout: () => E2,
    body: (restore: Restore) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | E2, R> =>
    Effect.uninterruptibleMask((restore) => {
      // The name is the ticket: whatever happens between taking and using the turn, `leave` knows whose it is.
      const self = Symbol("turn")
      return Effect.ensuring(Effect.zipRight(restore(enter(self, timeout)), body(restore)), leave(self))
    })
}
