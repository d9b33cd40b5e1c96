import { assert, describe, it } from "@effect/vitest"
import { twoOrganizations } from "./twoOrganizations.ts"

describe("a house of two organizations", () => {
  it("tells neither of the other, whichever id is asked for wherever", { timeout: 300_000 }, () =>
    twoOrganizations("all").then((asked) => assert.isAbove(asked, 500))
  )
})
