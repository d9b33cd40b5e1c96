import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Bundle, bundle } from "./bundle.ts"
import { liveThrough } from "./history.ts"
import { openUpstream, type Upstream } from "./processes.ts"
import { atEveryStep } from "./schedule.ts"

// Real processes on a real database file, ended by SIGKILL. The check kills more, and `node scripts/crash.mjs --kills 300` is the long form.
describe("a house whose processes are killed loses nothing and doubles nothing", () => {
  let programs: Bundle
  let upstream: Upstream
  beforeAll(async () => {
    programs = await bundle(["victim", "upstream"])
    upstream = await openUpstream(programs.of("upstream"))
  }, 60_000)
  afterAll(async () => {
    await upstream.close()
    await programs.remove()
  })

  for (const [name, kills] of Object.entries(atEveryStep)) {
    it.concurrent(`${name}: ${kills.length} kills`, async () => {
      const { fates, violations } = await liveThrough(programs, upstream, kills)
      assert.deepStrictEqual(violations, [], JSON.stringify(fates))
      // A point that is not passed any more would test nothing.
      const alive = fates.filter((fate, index) => fate.died === null && "point" in (kills[index]?.at ?? {}))
      assert.deepStrictEqual(alive, [])
    }, 180_000)
  }
})
