import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { answers } from "../../src/testing/FakeProviderActs.ts"
import { inHouse, type Sabotage } from "../../src/testing/house.ts"
import { brokenLaws } from "../../src/testing/Laws.ts"
import { simulate } from "../../src/testing/Simulator.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"
import { imagesOf } from "./lawful.ts"
import { sabotages, unfenced } from "./sabotages.ts"

/** Seeds that once noticed what takes luck to notice: the search begins there, to be quick. */
const lucky: { readonly [name: string]: number } = {
  "a paid call that is made again after a crash": 2,
  "a spool that gives torn replies back": 85,
  "a daily cap that is not counted": 2,
  "a repair window that has always ended": 710
}

/** Whether any of so many seeds breaks a law under a sabotage. */
const isCaught = (name: string, seeds: number) => {
  const first = lucky[name] ?? 1
  for (let seed = first; seed < first + seeds; seed += 1) {
    if (Effect.runSync(simulate(seed, sabotages[name])).broken.length > 0) return true
  }
  return false
}

/** Four slow calls, three at a time; another process wrongly believes that the one that makes them is dead. */
const takenOver = (sabotage: Sabotage) =>
  Effect.runSync(
    inHouse(
      () => answers({ afterMillis: 30_000 }),
      (house) =>
        Effect.gen(function* () {
          const life = yield* house.start
          yield* house.ask(life, plainRequest({ outputCount: 4 }))
          yield* Effect.sleep("5 seconds")
          yield* house.resume(yield* house.start)
          yield* Effect.sleep("10 minutes")
          return brokenLaws(yield* house.facts())
        }),
      { sabotage: { guessesDeath: true, ...sabotage } }
    )
  )

describe("Simulator", () => {
  it("finds no broken law in its first histories", () => {
    const images = imagesOf({ firstSeed: 1, histories: 40 })
    // Histories in which nothing is ever delivered would keep every law.
    assert.isAbove(images, 40)
  }, 60_000)

  it("tells the same history from the same seed", () => {
    assert.deepStrictEqual(Effect.runSync(simulate(7)), Effect.runSync(simulate(7)))
  })

  it("catches steps that are not fenced: a run that lost its job makes a paid call again", () => {
    assert.deepStrictEqual(takenOver({}), [])
    assert.include(takenOver(unfenced).join(), "was submitted again")
  })

  for (const name of Object.keys(sabotages)) {
    it(`catches ${name}`, () => {
      assert.isTrue(isCaught(name, 300), `no seed up to 300 notices ${name}`)
    }, 60_000)
  }
})
