import { assert, describe, it } from "@effect/vitest"
import { imagesOf } from "./lawful.ts"

describe("Simulator", () => {
  it("finds no broken law in 160 histories more than the fast tests tell", () => {
    assert.isAbove(imagesOf({ firstSeed: 41, histories: 160 }), 160)
  }, 180_000)
})
