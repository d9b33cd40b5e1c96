import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { fuzz } from "./fuzz.ts"
import { inContractHouse } from "./house.ts"
import { idsIn } from "./slots.ts"
import { wholeRun } from "./wholeRun.ts"

describe("every endpoint", () => {
  // The seed is in the failure: a run with it asks the same again.
  it("answers whatever it is asked by its contract, and never with a defect", { timeout: 300_000 }, () =>
    inContractHouse(async (house) => {
      const [agent, spare] = [await house.join(), await house.join()]
      const run = await wholeRun(house, agent, "fuzzed")
      const seed = (await Effect.runPromise(Clock.currentTimeMillis)) % 1_000_000
      const { codes, faults } = await fuzz(house, { agent, spare }, idsIn(run), { count: 60, seed })
      assert.deepStrictEqual([seed, faults.slice(0, 20)], [seed, []])
      // It came further than to refuse what cannot be decoded.
      assert.isAbove(codes.size, 15, [...codes].join(" "))
    })
  )
})
