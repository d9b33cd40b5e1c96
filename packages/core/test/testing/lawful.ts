import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { simulate } from "../../src/testing/Simulator.ts"

/** Asserts that no law is broken in histories of consecutive seeds; answers the images that reached their owners. */
export const imagesOf = ({ firstSeed, histories }: { readonly firstSeed: number; readonly histories: number }) => {
  let images = 0
  for (let seed = firstSeed; seed < firstSeed + histories; seed += 1) {
    const report = Effect.runSync(simulate(seed))
    assert.deepStrictEqual(report.broken, [], `rerun it with: node scripts/simulate.mjs --histories 1 --seed ${seed}`)
    images += report.images
  }
  return images
}
