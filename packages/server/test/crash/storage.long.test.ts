import { spawnSync } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import Database from "libsql"
import { dataPaths } from "../../src/Storage.ts"
import { type Bundle, bundle } from "./bundle.ts"
import { filesUnder, gather } from "./evidence.ts"
import type { Answered, PlannedCall } from "./plan.ts"
import { openUpstream, runVictim, type Start, type Upstream } from "./processes.ts"

const patienceMillis = 15_000
const draw: PlannedCall = {
  path: "/v1/create",
  key: "draw",
  body: { prompt: "a hill", model: "local.procedural", model_parameters: { width: 64, height: 64, seed: 1 } }
}
const paid: PlannedCall = {
  path: "/v1/create",
  key: "paid",
  body: { prompt: "a large hill", model: "crash.sync", model_parameters: { large: true } }
}

/** A file system of its own, of a few megabytes: only who may mount one can try a disk that is really full. */
const mount = (folder: string, size: string, isMounted = false) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `${isMounted ? "remount," : ""}size=${size}`, "tmpfs", folder]).status === 0

/** No file may grow beyond this many half kilobytes: the write fails as on a full disk. */
const limited = (blocks: number) => ["/bin/sh", "-c", `ulimit -f ${blocks}; exec "$@"`, "sh"]

describe("bad storage", () => {
  let programs: Bundle
  let upstream: Upstream
  let parent: string
  beforeAll(async () => {
    programs = await bundle(["victim", "upstream"])
    upstream = await openUpstream(programs.of("upstream"))
    parent = await mkdtemp(join(tmpdir(), "image-skill-bad-storage-"))
  }, 60_000)
  afterAll(async () => {
    await upstream.close()
    await programs.remove()
    await rm(parent, { recursive: true, force: true })
  })

  const live = (dataDirectory: string, calls: ReadonlyArray<PlannedCall>, more: Partial<Start> = {}) =>
    runVictim(programs.of("victim"), {
      plan: { dataDirectory, upstream: null, resume: false, killAt: null, isStepwise: false, calls, ...more.plan },
      ...more
    })

  const refusedBy = async (dataDirectory: string, more: Partial<Start> = {}): Promise<Answered> => {
    const ending = await live(dataDirectory, [draw], more)
    assert.strictEqual(ending.answers.length, 1, `one envelope; ${ending.code} ${ending.signal} ${ending.errors}`)
    const [answer] = ending.answers
    if (answer === undefined) throw new Error("no answer")
    assert.deepStrictEqual(
      [answer.exit, answer.envelope.ok, answer.envelope.error?.code],
      [9, false, "STORAGE_UNAVAILABLE"],
      JSON.stringify(answer)
    )
    assert.isBelow(answer.millis, patienceMillis)
    return answer
  }

  const worksAt = async (dataDirectory: string) => {
    const { answers } = await live(dataDirectory, [draw])
    assert.strictEqual(answers[0]?.exit, 0, JSON.stringify(answers))
  }

  it.concurrent("a folder that cannot be made is refused and nothing is written", async () => {
    const file = join(parent, "a file")
    await writeFile(file, "mine")
    await refusedBy(join(file, "data"))
    await refusedBy("/proc/image-skill/data")
    assert.strictEqual(await readFile(file, "utf8"), "mine")
  }, 60_000)

  const damages: Readonly<Record<string, (database: string) => Promise<void>>> = {
    "random bytes": (database) =>
      writeFile(database, Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7_919) % 251))),
    "a text": (database) => writeFile(database, "Dear diary, this is no database.\n".repeat(40)),
    "its first half": async (database) => truncate(database, Math.floor((await readFile(database)).length / 2)),
    "a page in its middle overwritten": async (database) => {
      const bytes = await readFile(database)
      bytes.fill(0xa5, 4_096, bytes.length - 4_096)
      await writeFile(database, bytes)
    },
    "the work of a newer version": async (database) => {
      const opened = new Database(database)
      opened.exec("INSERT INTO migrations (version, name, applied_at) VALUES (999, 'later', 0)")
      opened.exec("PRAGMA journal_mode = DELETE")
      opened.close()
    }
  }
  for (const [name, damage] of Object.entries(damages)) {
    it.concurrent(`a database file that holds ${name} is refused and left as it is`, async () => {
      const dataDirectory = await mkdtemp(join(parent, "damaged-"))
      await worksAt(dataDirectory)
      const { database } = dataPaths(dataDirectory)
      await damage(database)
      const before = await readFile(database)
      const answer = await refusedBy(dataDirectory)
      assert.isTrue(before.equals(await readFile(database)), "the file was changed")
      assert.match(
        answer.envelope.error?.message ?? "",
        name.includes("newer") ? /newer version/ : /damaged|no database/
      )
    }, 60_000)
  }

  it.concurrent("a disk without room for the database is refused, and works once there is room", async () => {
    const dataDirectory = await mkdtemp(join(parent, "no-room-"))
    await refusedBy(dataDirectory, { wrapper: limited(16) })
    assert.deepStrictEqual(filesUnder(dataPaths(dataDirectory).blobs), [])
    await worksAt(dataDirectory)
  }, 60_000)

  /** The picture was paid and does not fit; with room again it is delivered. Answers its attempts. */
  const repaired = async (dataDirectory: string, wrapper: ReadonlyArray<string> | null, makeRoom: () => void) => {
    const house = `${dataDirectory.split("/").at(-1)}`
    const plan = {
      dataDirectory,
      upstream: upstream.baseOf(house),
      resume: false,
      killAt: null,
      isStepwise: false,
      calls: [paid]
    }
    const first = await live(dataDirectory, [], { plan, ...(wrapper === null ? {} : { wrapper }) })
    assert.deepStrictEqual(
      first.answers.map(({ envelope, exit }) => [exit, envelope.error?.code]),
      [[9, "ARTIFACT_STORAGE_WRITE_FAILED"]],
      JSON.stringify(first)
    )
    makeRoom()
    const second = await live(dataDirectory, [], { plan: { ...plan, resume: true } })
    assert.strictEqual(second.answers[0]?.exit, 0, JSON.stringify(second))
    const { assets, attempts, blobs, spooled } = gather(dataDirectory)
    assert.deepStrictEqual(
      assets.map(({ id, sha256 }) => [id, sha256]),
      [...blobs]
    )
    assert.deepStrictEqual(spooled, [])
    const seen = [...(await upstream.seen(house)).values()]
    assert.deepStrictEqual(
      seen.map(({ accepted }) => accepted),
      [1]
    )
    return attempts.map(({ phase, settled }) => [phase, settled])
  }

  it.concurrent("a picture that cannot be stored after it was paid is kept, and delivered once there is room", async () => {
    const dataDirectory = await mkdtemp(join(parent, "paid-"))
    assert.deepStrictEqual(await repaired(dataDirectory, limited(4_000), () => undefined), [["delivered", 9]])
  }, 60_000)

  it.concurrent("the same on a disk that is really full, where one can be mounted", async ({ skip }) => {
    const dataDirectory = await mkdtemp(join(parent, "full-"))
    if (!mount(dataDirectory, "3m")) return skip("no file system can be mounted here")
    try {
      const makeRoom = () => void mount(dataDirectory, "30m", true)
      assert.deepStrictEqual(await repaired(dataDirectory, null, makeRoom), [["delivered", 9]])
    } finally {
      spawnSync("umount", ["-l", dataDirectory])
    }
  }, 60_000)

  it.concurrent("a full disk refuses a job before anything is done, and takes it once there is room", async ({
    skip
  }) => {
    const dataDirectory = await mkdtemp(join(parent, "tiny-"))
    if (!mount(dataDirectory, "64k")) return skip("no file system can be mounted here")
    try {
      await refusedBy(dataDirectory)
      mount(dataDirectory, "30m", true)
      await worksAt(dataDirectory)
      assert.strictEqual(gather(dataDirectory).jobs.length, 1)
    } finally {
      spawnSync("umount", ["-l", dataDirectory])
    }
  }, 60_000)

  it.concurrent("an input image whose bytes are gone is said to be gone, and costs nothing", async () => {
    const dataDirectory = await mkdtemp(join(parent, "gone-"))
    await worksAt(dataDirectory)
    const [asset] = gather(dataDirectory).assets
    for (const file of filesUnder(dataPaths(dataDirectory).blobs)) await rm(file)
    const edit: PlannedCall = {
      path: "/v1/edit",
      key: "edit",
      body: { model: "local.grade", input_asset_id: asset?.id ?? null }
    }
    const { answers } = await live(dataDirectory, [edit])
    assert.deepStrictEqual([answers[0]?.exit, answers[0]?.envelope.error?.code], [2, "ASSET_NOT_FOUND"])
  }, 60_000)

  it.concurrent("a data folder that is removed under a running process is no silent success", async () => {
    const dataDirectory = join(await mkdtemp(join(parent, "removed-")), "data")
    await mkdir(dataDirectory)
    const ending = await live(dataDirectory, [], {
      plan: {
        dataDirectory,
        upstream: null,
        resume: false,
        killAt: null,
        isStepwise: true,
        calls: [draw, { ...draw, key: "again" }]
      },
      beforeStep: (answered) => {
        if (answered === 1) spawnSync("rm", ["-rf", dataDirectory])
      }
    })
    assert.deepStrictEqual(
      ending.answers.map(({ envelope, exit }) => [exit, envelope.error?.code ?? null]),
      [
        [0, null],
        [9, "STORAGE_UNAVAILABLE"]
      ],
      JSON.stringify(ending)
    )
  }, 60_000)
})
