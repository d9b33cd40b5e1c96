import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Bundle, bundle } from "./bundle.ts"
import { type Kill, liveThrough } from "./history.ts"
import type { Point } from "./plan.ts"
import { openUpstream, type Upstream } from "./processes.ts"
import { runServer } from "./servers.ts"

const killed = (shape: Kill["shape"], point: Point): Kill => ({ shape, at: { point, nth: 1 }, resumes: false })
const pointOf = ({ at }: Kill) => ("point" in at ? at.point : at.from)

/** One death in a folder of its own: a server takes up by itself what the dead left. */
const deaths: ReadonlyArray<Kill> = [
  ...(["claimed", "half", "spooled", "replied", "stored", "settled"] as const).map((point) => killed("sync", point)),
  ...(["accepted", "claimed", "submitted", "half", "replied", "settled"] as const).map((point) =>
    killed("queue", point)
  )
]

/** Each dies while it takes up the work of those before. */
const chain: ReadonlyArray<Kill> = (["submitted", "collected", "spooled", "replied", "stored", "settled"] as const).map(
  (point) => ({ ...killed("queue", point), resumes: true })
)

// The real server over HTTP, ended by SIGKILL. `node scripts/crash-server.mjs --kills 200` is the long form.
describe("a server that is killed loses nothing and doubles nothing", () => {
  let programs: Bundle
  let upstream: Upstream
  beforeAll(async () => {
    programs = await bundle(["victim", "serverVictim", "upstream"])
    upstream = await openUpstream(programs.of("upstream"))
  }, 60_000)
  afterAll(async () => {
    await upstream.close()
    await programs.remove()
  })

  for (const kill of deaths) {
    it.concurrent(`${kill.shape}, killed once it has ${pointOf(kill)}`, async () => {
      const { fates, violations } = await liveThrough(programs, upstream, [kill], runServer)
      assert.deepStrictEqual(violations, [], JSON.stringify(fates))
      // A point that is not passed any more would test nothing.
      assert.notStrictEqual(fates[0]?.died, null)
    }, 60_000)
  }

  it.concurrent("servers that are killed one after the other, each while it takes up the work of those before", async () => {
    const { fates, violations } = await liveThrough(programs, upstream, chain, runServer)
    assert.deepStrictEqual(violations, [], JSON.stringify(fates))
  }, 60_000)
})
