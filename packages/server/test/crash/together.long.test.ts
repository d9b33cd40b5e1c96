import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Bundle, bundle } from "./bundle.ts"
import { startTogether } from "./together.ts"

describe("several processes on one data folder", () => {
  let programs: Bundle
  beforeAll(async () => {
    programs = await bundle(["victim"])
  }, 60_000)
  afterAll(() => programs.remove())

  it("eight of them make it on their very first run, each with its picture", async () => {
    for (const _ of [1, 2, 3, 4]) assert.deepStrictEqual(await startTogether(programs, 8), [])
  }, 120_000)
})
