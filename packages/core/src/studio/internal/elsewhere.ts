import { Clock, Effect } from "effect"

/** Time that a run spends waiting for others: the provider, or its turn of it. What overlaps counts once. */
export interface Elsewhere {
  /** Counts from here until the effect that it gives; that may run more than once. */
  readonly begin: Effect.Effect<Effect.Effect<void>>
  readonly during: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly millis: () => number
}

export const makeElsewhere = (): Elsewhere => {
  let open = 0
  let since = 0
  let total = 0
  const begin = Effect.map(Clock.currentTimeMillis, (now) => {
    if (open === 0) since = now
    open += 1
    let isOver = false
    return Effect.map(Clock.currentTimeMillis, (end) => {
      if (isOver) return
      isOver = true
      open -= 1
      if (open === 0) total += end - since
    })
  })
  return {
    begin,
    during: (effect) => Effect.flatMap(begin, (end) => Effect.ensuring(effect, end)),
    millis: () => total
  }
}
