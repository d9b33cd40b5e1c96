import { assert, describe, it } from "@effect/vitest"
import { twoOrganizations } from "./twoOrganizations.ts"

describe("a house of two organizations", () => {
  it(
    "answers what its contract declares, with no field besides, and tells neither of the other",
    { timeout: 60_000 },
    () => twoOrganizations("some").then((asked) => assert.isAbove(asked, 40))
  )
})
