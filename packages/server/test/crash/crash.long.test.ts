import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Bundle, bundle } from "./bundle.ts"
import { gather } from "./evidence.ts"
import { liveThrough } from "./history.ts"
import { points } from "./plan.ts"
import { openUpstream, runVictim, type Upstream } from "./processes.ts"
import { atEveryStep, inEveryShape } from "./schedule.ts"

// Real processes on a real database file, ended by SIGKILL. `node scripts/crash.mjs --kills 300` is the long form.
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

  it("is killed at every point, at least thirty times in all", () => {
    const kills = [...Object.values(atEveryStep), ...Object.values(inEveryShape)].flat()
    const reached = new Set(kills.flatMap(({ at }) => ("point" in at ? [at.point] : [])))
    assert.deepStrictEqual(
      points.filter((point) => !reached.has(point)),
      []
    )
    assert.isAtLeast(kills.length, 30)
  })

  for (const [name, kills] of Object.entries(inEveryShape)) {
    it.concurrent(`${name}: ${kills.length} kills`, async () => {
      const { fates, violations } = await liveThrough(programs, upstream, kills)
      assert.deepStrictEqual(violations, [], JSON.stringify(fates))
      // A point that is not passed any more would test nothing.
      const alive = fates.filter((fate, index) => fate.died === null && "point" in (kills[index]?.at ?? {}))
      assert.deepStrictEqual(alive, [])
    }, 180_000)
  }

  it.concurrent("a process that waits for the job of another takes it over when that one is killed", async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), "image-skill-takeover-"))
    try {
      const house = basename(dataDirectory)
      const call = {
        path: "/v1/create",
        key: "one",
        body: { prompt: "a hill", model: "crash.queue", model_parameters: { slow: 12_000 } }
      }
      const plan = {
        dataDirectory,
        upstream: upstream.baseOf(house),
        resume: false,
        killAt: null,
        isStepwise: false,
        calls: [call]
      }
      let waiting = Promise.resolve<Awaited<ReturnType<typeof runVictim>> | null>(null)
      await runVictim(programs.of("victim"), {
        plan,
        strike: { from: "begun", afterMillis: 6_000 },
        onBegun: () => {
          waiting = pause(500).then(() => runVictim(programs.of("victim"), { plan }))
        }
      })
      const answer = (await waiting)?.answers[0]
      assert.deepStrictEqual([answer?.exit, answer?.envelope.data?.["status"]], [0, "completed"])
      assert.deepStrictEqual(
        [...(await upstream.seen(house)).values()].map(({ accepted }) => accepted),
        [1]
      )
      assert.deepStrictEqual(
        gather(dataDirectory).attempts.map(({ phase }) => phase),
        ["delivered"]
      )
    } finally {
      await rm(dataDirectory, { recursive: true, force: true })
    }
  }, 60_000)
})
