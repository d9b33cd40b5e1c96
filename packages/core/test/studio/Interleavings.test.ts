import { assert, describe, it } from "@effect/vitest"
import { transitions } from "../../src/jobs/Transitions.ts"
import { reached } from "./stories.ts"
import "./storiesOfFullDisks.ts"
import "./storiesOfPatience.ts"
import "./storiesOfProcesses.ts"
import "./storiesOfProviders.ts"

describe("Transitions", () => {
  it("are all walked by the stories above", () => {
    const table = Object.entries(transitions).flatMap(([from, events]) =>
      Object.values(events).map((transition) => `${from} to ${transition.to}`)
    )
    assert.deepStrictEqual(
      table.filter((step) => !reached.has(step)),
      []
    )
  })
})
