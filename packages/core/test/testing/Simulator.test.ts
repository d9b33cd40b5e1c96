import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { simulate } from "../../src/testing/Simulator.ts"
import { sabotages } from "./sabotages.ts"

const rerun = (seed: number) => `rerun it with: node scripts/simulate.mjs --histories 1 --seed ${seed}`

/** The first seed that breaks a law under a sabotage, and the laws it breaks. */
const caughtBy = (name: string, seeds: number) => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { broken } = Effect.runSync(simulate(seed, sabotages[name]))
    if (broken.length > 0) return { seed, broken }
  }
  return null
}

describe("Simulator", () => {
  it("finds no broken law in 300 histories", () => {
    const images = { made: 0 }
    for (let seed = 1; seed <= 300; seed += 1) {
      const report = Effect.runSync(simulate(seed))
      assert.deepStrictEqual(report.broken, [], `seed ${seed}; ${rerun(seed)}`)
      images.made += report.images
    }
    // Histories in which nothing is ever delivered would keep every law.
    assert.isAbove(images.made, 300)
  }, 60_000)

  it("tells the same history from the same seed", () => {
    assert.deepStrictEqual(Effect.runSync(simulate(7)), Effect.runSync(simulate(7)))
  })

  for (const name of Object.keys(sabotages)) {
    it(`catches ${name}`, () => {
      assert.isNotNull(caughtBy(name, 300), `no seed up to 300 notices ${name}`)
    }, 60_000)
  }
})
