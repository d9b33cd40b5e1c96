import { Effect } from "effect"
import type { Restore } from "./retry.ts"

interface Ticket {
  /** Whether the turn has been passed on to its holder. */
  isCalled: boolean
  call: () => void
}

/** One holder at a time, first come first served. A holder that is interrupted, at any point, passes the turn on. */
export const makeTurn = (waitMillisMax: number) => {
  let isHeld = false
  const waiting = new Set<Ticket>()

  const passOn = () => {
    const [next] = waiting
    if (next === undefined) {
      isHeld = false
      return
    }
    waiting.delete(next)
    next.isCalled = true
    next.call()
  }

  const wait = <E>(ticket: Ticket, timeout: () => E): Effect.Effect<void, E> =>
    Effect.async((resume) => {
      const timer = setTimeout(() => {
        waiting.delete(ticket)
        resume(Effect.failSync(timeout))
      }, waitMillisMax)
      ticket.call = () => {
        clearTimeout(timer)
        resume(Effect.void)
      }
      waiting.add(ticket)
      return Effect.sync(() => clearTimeout(timer))
    })

  /** In a region that cannot be interrupted. */
  const thenPassOn = <A, E, R>(held: Effect.Effect<A, E, R>) =>
    Effect.matchCauseEffect(held, {
      onFailure: (cause) => {
        passOn()
        return Effect.failCause(cause)
      },
      onSuccess: (value) => {
        passOn()
        return Effect.succeed(value)
      }
    })

  return {
    isFree: () => !isHeld,
    /**
     * Runs `body` uninterruptibly in its turn; what may be interrupted it marks with `restore`. `timeout` is the failure
     * of a wait that lasted longer than `waitMillisMax`.
     */
    take: <A, E, R, E2>(
      timeout: () => E2,
      body: (restore: Restore) => Effect.Effect<A, E, R>
    ): Effect.Effect<A, E | E2, R> =>
      Effect.uninterruptibleMask((restore) => {
        const held = thenPassOn(body(restore))
        if (!isHeld) {
          isHeld = true
          return held
        }
        const ticket: Ticket = { isCalled: false, call: () => {} }
        return Effect.matchCauseEffect(restore(wait(ticket, timeout)), {
          onFailure: (cause) => {
            waiting.delete(ticket)
            // Interrupted after it was called: the turn is its own all the same.
            if (ticket.isCalled) passOn()
            return Effect.failCause(cause)
          },
          onSuccess: () => held
        })
      })
  }
}
