import { Clock, Duration, Effect, type Exit, type Fiber, type Scheduler } from "effect"
import type { Chance } from "./SimulatorChance.ts"

interface Timer {
  readonly at: number
  readonly wake: () => void
}

/** How a run in virtual time ended: by itself, with every fiber asleep for ever, or not at all. */
export type RunEnd<A, E> =
  | { readonly _tag: "Ended"; readonly exit: Exit.Exit<A, E> }
  | { readonly _tag: "Asleep" }
  | { readonly _tag: "Endless" }

export interface VirtualTime {
  readonly now: () => number
  /**
   * Runs to the end at once, whatever it sleeps: the clock jumps when nobody has anything to do. Which fiber goes on
   * next, and where it is made to wait for the others, is chance: a seed is one interleaving. What it runs must not
   * wait for the real world.
   */
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<RunEnd<A, E>>
}

/** 22 November 2026, 23:00 UTC: a day ends within an hour of every history. */
const start = Date.UTC(2026, 10, 22, 23)
const turnsMax = 2_000_000

export const makeVirtualTime = (chance: Chance): VirtualTime => {
  let now = start
  let timers: ReadonlyArray<Timer> = []
  const tasks: Array<() => void> = []
  let untilPause = 0
  let isRunning = false

  const scheduler: Scheduler.Scheduler = {
    scheduleTask: (task) => {
      tasks.push(task)
    },
    shouldYield: () => {
      // Who forks the first fiber must come back from that.
      if (!isRunning) return false
      untilPause -= 1
      if (untilPause > 0) return false
      untilPause = 20 + chance.below(400)
      return 0
    }
  }

  const sleep = (duration: Duration.Duration) =>
    Effect.async<void>((resume) => {
      const timer: Timer = { at: now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
      const after = timers.findIndex((other) => other.at > timer.at)
      timers = after === -1 ? [...timers, timer] : [...timers.slice(0, after), timer, ...timers.slice(after)]
      return Effect.sync(() => {
        timers = timers.filter((other) => other !== timer)
      })
    })

  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(now) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep
  }

  const takeTask = () => {
    const index = chance.below(tasks.length)
    const task = tasks[index]
    const last = tasks.pop()
    if (index < tasks.length && last !== undefined) tasks[index] = last
    return task
  }

  const wakeNext = (): boolean => {
    const next = timers[0]
    if (next === undefined) return false
    timers = timers.slice(1)
    now = Math.max(now, next.at)
    next.wake()
    return true
  }

  const drive = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): RunEnd<A, E> => {
    isRunning = true
    for (let turns = 0; turns < turnsMax; turns += 1) {
      const exit = fiber.unsafePoll()
      if (exit !== null) return { _tag: "Ended", exit }
      const task = tasks.length > 0 ? takeTask() : undefined
      if (task !== undefined) task()
      else if (!wakeNext()) return { _tag: "Asleep" }
    }
    return { _tag: "Endless" }
  }

  const run = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<RunEnd<A, E>> =>
    Effect.forkDaemon(effect.pipe(Effect.withClock(clock), Effect.withTracerEnabled(false))).pipe(
      Effect.withScheduler(scheduler),
      Effect.map(drive)
    )

  return { now: () => now, run }
}
