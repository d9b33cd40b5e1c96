import { spawn } from "node:child_process"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import sharp from "sharp"
import { bundle } from "../crash/bundle.ts"
import type { Plan } from "../crash/plan.ts"
import { asked, textOf } from "../serve/house.ts"

/** A server in a process of its own; killed when it passes `point`. */
const started = async (program: string, dataDirectory: string, point: "deleted" | "received" | null) => {
  const killAt = point === null ? null : { point, nth: 1 }
  const plan: Plan = { dataDirectory, upstream: null, resume: true, killAt, isStepwise: false, calls: [] }
  const child = spawn(process.execPath, [program, JSON.stringify(plan)], { stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("close", (_, signal) => resolve(signal))
  })
  const port = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once("line", resolve)
  })
  return { url: `http://127.0.0.1:${port}`, ended, stop: () => child.kill("SIGTERM") }
}

const upload = async (url: string) => {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
    .png()
    .toBuffer()
  return asked(`${url}/v1/upload`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ bytes_base64: png.toString("base64") })
  })
}

const blobsIn = async (folder: string) =>
  (await readdir(join(folder, "blobs"), { recursive: true })).filter((name) => name.endsWith(".png"))

describe("a server that is killed between the row of a deletion and its bytes", () => {
  it("has deleted the asset, and the next one removes the bytes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "image-skill-kill-"))
    const programs = await bundle(["serverVictim"])
    try {
      const victim = await started(programs.of("serverVictim"), folder, "deleted")
      const { envelope } = await upload(victim.url)
      const [id = ""] = /image_[0-9a-f]{32}/.exec(JSON.stringify(envelope.data)) ?? []
      const answer = await fetch(`${victim.url}/v1/assets/${id}`, { method: "DELETE" }).then(
        ({ status }) => status,
        () => "no answer"
      )
      assert.deepStrictEqual([answer, await victim.ended, (await blobsIn(folder)).length], ["no answer", "SIGKILL", 1])
      const heir = await started(programs.of("serverVictim"), folder, null)
      for (let left = 250; left > 0 && (await blobsIn(folder)).length > 0; left -= 1) await pause(20)
      assert.deepStrictEqual(await blobsIn(folder), [])
      const again = await asked(`${heir.url}/v1/assets/${id}`, { method: "DELETE" })
      assert.strictEqual(textOf(again.envelope.error?.code), "ASSET_NOT_FOUND")
      const events = await asked(`${heir.url}/v1/activity/${id}`)
      assert.match(JSON.stringify(events.envelope.data), /"asset.deleted"/)
      heir.stop()
      await heir.ended
    } finally {
      await programs.remove()
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)
})

describe("a server that is killed between the bytes of an upload and its row", () => {
  it("leaves bytes that the next one removes, while those of a whole upload stay", async () => {
    const folder = await mkdtemp(join(tmpdir(), "image-skill-kill-"))
    const programs = await bundle(["serverVictim"])
    try {
      const victim = await started(programs.of("serverVictim"), folder, "received")
      const isAnswered = await upload(victim.url).then(
        () => true,
        () => false
      )
      assert.deepStrictEqual([isAnswered, await victim.ended, (await blobsIn(folder)).length], [false, "SIGKILL", 1])
      const [lost] = await blobsIn(folder)
      const heir = await started(programs.of("serverVictim"), folder, null)
      assert.isTrue((await upload(heir.url)).envelope.ok)
      for (let left = 250; left > 0 && (await blobsIn(folder)).length > 1; left -= 1) await pause(20)
      const left = await blobsIn(folder)
      assert.lengthOf(left, 1)
      assert.notInclude(left, lost)
      heir.stop()
      await heir.ended
    } finally {
      await programs.remove()
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)
})
