import { spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Bundle, bundle } from "./bundle.ts"
import { gather } from "./evidence.ts"
import type { PlannedCall } from "./plan.ts"
import { openUpstream, runVictim, type Start, type Upstream } from "./processes.ts"

/** A megabyte and a half: more than the tiny disk has left beside its database. */
const draw: PlannedCall = {
  path: "/v1/create",
  key: "draw",
  body: { prompt: "a hill", model: "local.procedural", model_parameters: { width: 1_400, height: 1_400, seed: 1 } }
}
const paid: PlannedCall = {
  path: "/v1/create",
  key: "paid",
  body: { prompt: "a hill", model: "crash.sync", model_parameters: {} }
}

const mount = (folder: string, size: string, isMounted = false) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `${isMounted ? "remount," : ""}size=${size}`, "tmpfs", folder]).status === 0

describe("a disk that is full", () => {
  let programs: Bundle
  let upstream: Upstream
  let parent: string
  beforeAll(async () => {
    programs = await bundle(["victim", "upstream"])
    upstream = await openUpstream(programs.of("upstream"))
    parent = await mkdtemp(join(tmpdir(), "image-skill-full-disk-"))
  }, 60_000)
  afterAll(async () => {
    await upstream.close()
    await programs.remove()
    await rm(parent, { recursive: true, force: true })
  })

  const live = (dataDirectory: string, calls: ReadonlyArray<PlannedCall>, own: Partial<Start["plan"]> = {}) =>
    runVictim(programs.of("victim"), {
      plan: {
        dataDirectory,
        upstream: upstream.baseOf(basename(dataDirectory)),
        resume: false,
        killAt: null,
        isStepwise: false,
        calls,
        ...own
      }
    })

  /** On a file system of `size`, which the test may let grow. */
  const onTinyDisk = async (
    size: string,
    skip: (why: string) => void,
    test: (dataDirectory: string, makeRoom: () => void) => Promise<void>
  ) => {
    const dataDirectory = await mkdtemp(join(parent, "tiny-"))
    if (!mount(dataDirectory, size)) return skip("no file system can be mounted here")
    try {
      await test(dataDirectory, () => void mount(dataDirectory, "40m", true))
    } finally {
      spawnSync("umount", ["-l", dataDirectory])
    }
  }

  const deliversOnce = (dataDirectory: string) => {
    const { assets, attempts, blobs, jobs, spooled } = gather(dataDirectory)
    assert.deepStrictEqual([jobs.length, attempts.map(({ phase }) => phase)], [1, ["delivered"]])
    assert.deepStrictEqual(
      assets.map(({ id, sha256 }) => [id, sha256]),
      [...blobs]
    )
    assert.deepStrictEqual(spooled, [])
    return attempts.map(({ settled }) => settled)
  }

  it("a free drawing that fits nowhere is made again by the call that repeats its key", async ({ skip }) => {
    await onTinyDisk("1200k", skip, async (dataDirectory, makeRoom) => {
      const first = await live(dataDirectory, [draw])
      const [answer] = first.answers
      assert.deepStrictEqual(
        [answer?.exit, answer?.envelope.error?.code, answer?.envelope.error?.details?.["reply_spooled"]],
        [9, "ARTIFACT_STORAGE_WRITE_FAILED", false],
        JSON.stringify(first)
      )
      assert.include(answer?.envelope.error?.message, "made again")
      makeRoom()
      const second = await live(dataDirectory, [draw])
      assert.deepStrictEqual([second.answers[0]?.exit, second.answers[0]?.envelope.data?.["status"]], [0, "completed"])
      assert.deepStrictEqual(deliversOnce(dataDirectory), [0])
    })
  }, 120_000)

  it("one whose process is killed in its second drawing is made by the third", async ({ skip }) => {
    for (const point of ["claimed", "collected", "replied", "stored"] as const) {
      await onTinyDisk("1200k", skip, async (dataDirectory, makeRoom) => {
        await live(dataDirectory, [draw])
        makeRoom()
        const died = await live(dataDirectory, [draw], { killAt: { point, nth: 1 } })
        assert.strictEqual(died.signal, "SIGKILL", point)
        const third = await live(dataDirectory, [draw], { resume: true })
        assert.strictEqual(third.answers[0]?.exit, 0, `${point} ${JSON.stringify(third)}`)
        deliversOnce(dataDirectory)
      })
    }
  }, 240_000)

  it("a paid call is refused before anything is sent, and the same key works once there is room", async ({ skip }) => {
    await onTinyDisk("1200k", skip, async (dataDirectory, makeRoom) => {
      const house = basename(dataDirectory)
      const first = await live(dataDirectory, [paid])
      const error = first.answers[0]?.envelope.error
      assert.deepStrictEqual([first.answers[0]?.exit, error?.code], [9, "STORAGE_UNAVAILABLE"], JSON.stringify(first))
      assert.match(error?.message ?? "", /room for \d+ bytes .* may need \d+: nothing was sent/)
      const before = gather(dataDirectory)
      assert.deepStrictEqual([before.jobs.length, before.keys.length, (await upstream.seen(house)).size], [0, 0, 0])
      makeRoom()
      const second = await live(dataDirectory, [paid])
      assert.strictEqual(second.answers[0]?.exit, 0, JSON.stringify(second))
      assert.deepStrictEqual(deliversOnce(dataDirectory), [9])
      const seen = [...(await upstream.seen(house)).values()]
      assert.deepStrictEqual(
        seen.map(({ accepted }) => accepted),
        [1]
      )
    })
  }, 120_000)
})
