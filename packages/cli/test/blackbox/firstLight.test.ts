import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it, vi } from "vitest"
import { makeMachine, node } from "../support/binary.ts"
import type { Envelope } from "../support/host.ts"

// Every line here starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

const machine = makeMachine()
const { data } = machine
afterAll(() => machine.remove())

const small = ["--model", "local.procedural", "--model-parameters-json", '{"width":96,"height":64,"seed":7}']
const idIn = (value: unknown): string => {
  const id = typeof value === "object" && value !== null && "asset_id" in value ? value.asset_id : undefined
  return String(id)
}
const firstAsset = (made: Envelope["data"]) => (Array.isArray(made?.assets) ? idIn(made.assets[0]) : "")

describe("on a bare machine", () => {
  it("says what it is, what it can do and what it would cost, and writes nothing", async () => {
    const nodeVersion = execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }).trim()
    expect(await data("version")).toMatchObject({ version: expect.any(String), node: nodeVersion })
    expect(await data("help")).toHaveProperty("commands")
    expect(await data("models")).toHaveProperty("models")
    expect(await data("models", "show", "local.procedural")).toHaveProperty("model")
    const { capabilities } = await data("capabilities", "list")
    expect(capabilities).toBeInstanceOf(Array)
    expect(await data("capabilities", "show", "is.image.generate.local-procedural.v1")).toHaveProperty("capability")
    expect(await data("create", "--prompt", "sea", ...small, "--dry-run", "--output", "a.png")).toMatchObject({
      mutation: { provider_call: false, credit_debit: false, media_write: false }
    })
    expect(readdirSync(machine.work)).toEqual([])
  })

  it("makes an image, remembers it over runs, and edits it", async () => {
    const made = await data("create", "--prompt", "misty mountains", ...small, "--output", "a.png")
    const bytes = readFileSync(machine.at("a.png"))
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([96, 64])
    expect(made).toMatchObject({ status: "completed", output: { path: "a.png", bytes: bytes.length } })

    const id = firstAsset(made)
    expect(await data("assets", "show", id)).toMatchObject({ asset: { asset_id: id, width: 96 } })
    await data("assets", "get", id, "--output", "b.png")
    expect(readFileSync(machine.at("b.png"))).toEqual(bytes)
    expect(await data("jobs", "show", String(made.job_id))).toMatchObject({ job: { status: "completed" } })
    expect(await data("jobs", "wait", String(made.job_id))).toMatchObject({ job: { status: "completed" } })
    expect(await data("activity", "list", "--subject", String(made.job_id))).toHaveProperty("events.0.type")
    expect(await data("activity", "show", id)).toHaveProperty("events")

    const twice = ["--model", "local.resize", "--model-parameters-json", '{"scale":2}']
    const { url } = Object(Object(await data("assets", "show", id)).asset)
    for (const input of ["a.png", id, String(url)]) {
      await data("edit", "--input", input, ...twice, "--output", "twice.png", "--overwrite")
      expect(readFileSync(machine.at("twice.png")).readUInt32BE(16)).toBe(192)
    }
    await data(
      "edit",
      "--input-asset-id",
      id,
      "--model",
      "local.mask-effect",
      "--mask",
      "a.png",
      "--output",
      "masked.png"
    )
  })
})

describe("several processes", () => {
  it("work at once on one data folder, on their very first run", async () => {
    const fresh = makeMachine()
    const runs = await Promise.all(
      [1, 2, 3, 4].map((n) => fresh.run(["create", "--prompt", `city ${n}`, ...small, "--output", `${n}.png`]))
    )
    expect(runs.map(({ exitCode, envelope }) => [exitCode, envelope.error])).toEqual([1, 2, 3, 4].map(() => [0, null]))
    expect(readdirSync(fresh.work).sort()).toEqual(["1.png", "2.png", "3.png", "4.png"])
    fresh.remove()
  })
})

describe("an installation with a part missing", () => {
  it.each([{}, { IMAGE_SKILL_CODE_CACHE: "off" }])("answers with one document (%j)", async (environment) => {
    const own = fileURLToPath(new URL("../..", import.meta.url))
    const broken = makeMachine()
    for (const part of ["bin", "package.json"]) cpSync(`${own}/${part}`, broken.at(`cli/${part}`), { recursive: true })
    mkdirSync(broken.at("cli/dist"))
    writeFileSync(broken.at("cli/dist/bin.cjs"), 'require("./gone.cjs")\n')
    const ended = await broken.run(["doctor", "--json"], { binary: broken.at("cli/bin/image-skill.js"), environment })
    expect([ended.exitCode, ended.envelope.error?.code]).toEqual([1, "INTERNAL"])
    expect(ended.stderr).toMatch(/^defect: .*gone\.cjs.*\n$/)
    broken.remove()
  })
})

describe("a home in which nothing can be made", () => {
  // Node's recursive mkdir never comes back from `/proc`.
  it.each(["/proc", "/dev/null"])("is no reason to hang (%s)", async (home) => {
    const machine = makeMachine()
    const environment = { HOME: home, XDG_CACHE_HOME: "", XDG_DATA_HOME: "", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "" }
    const version = await machine.run(["version", "--json"], { environment })
    expect([version.exitCode, version.envelope.error]).toEqual([0, null])
    const create = await machine.run(["create", "--prompt", "a lake", ...small, "--json"], { environment })
    expect([create.exitCode, create.envelope.error?.code]).toEqual([9, "STORAGE_UNAVAILABLE"])
    machine.remove()
  })
})
