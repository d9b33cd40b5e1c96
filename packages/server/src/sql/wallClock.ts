import { Clock, Effect } from "effect"

/** The machine's time, also in a test that stops the clock of its jobs: disks and locks do not wait for that one. */
export const wallClock = Clock.make()

export const pause = (millis: number) => Effect.withClock(Effect.sleep(millis), wallClock)
