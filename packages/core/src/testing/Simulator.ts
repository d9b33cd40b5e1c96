import { Effect, Exit } from "effect"
import type { Sabotage } from "./house.ts"
import { brokenLaws, type Facts } from "./Laws.ts"
import { makeChance } from "./SimulatorChance.ts"
import { history } from "./SimulatorHistory.ts"
import { makeVirtualTime } from "./SimulatorTime.ts"

/** What one history came to. */
export interface Report {
  readonly seed: number
  /** Every law that was broken, in words; empty when all hold. */
  readonly broken: ReadonlyArray<string>
  /** `phase→phase` of every step that an attempt took. */
  readonly transitions: ReadonlySet<string>
  readonly jobs: number
  readonly calls: number
  /** Images that reached their owners. */
  readonly images: number
  readonly deaths: number
}

const nothing = { transitions: new Set<string>(), jobs: 0, calls: 0, images: 0, deaths: 0 }

const reportOf = (seed: number, facts: Facts): Report => ({
  seed,
  broken: brokenLaws(facts),
  transitions: facts.transitions,
  jobs: facts.jobs.length,
  calls: facts.calls.length,
  images: facts.assets.length,
  deaths: facts.deaths
})

/**
 * One history from a seed, and the laws that it broke: clients, processes that die and start again, a provider of all
 * moods, disks and databases that come and go, in virtual time. Synchronous: a few milliseconds of CPU.
 * `sabotage` puts a fault in on purpose, to see that the laws notice it.
 */
export const simulate = (seed: number, sabotage: Sabotage = {}): Effect.Effect<Report> =>
  Effect.suspend(() => {
    const time = makeVirtualTime(makeChance(seed, 0))
    return Effect.map(time.run(history(seed, time.now, sabotage)), (end): Report => {
      if (end._tag !== "Ended") return { seed, ...nothing, broken: [`the history is ${end._tag.toLowerCase()}`] }
      return Exit.match(end.exit, {
        onFailure: (cause) => ({ seed, ...nothing, broken: [`the simulator failed: ${cause.toString()}`] }),
        onSuccess: (facts) => reportOf(seed, facts)
      })
    })
  })
