import { readdirSync, readFileSync } from "node:fs"
import { afterAll, describe, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"
import type { Envelope } from "../support/host.ts"

// Every line here starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

const machine = makeMachine()
afterAll(() => machine.remove())

/** A command that must succeed; answers its data. */
const data = async (...argv: ReadonlyArray<string>) => {
  const { exitCode, envelope, stdout } = await machine.run(argv)
  expect([argv.join(" "), exitCode, envelope.error]).toEqual([argv.join(" "), 0, null])
  expect(stdout.trim().split("\n").length).toBe(1)
  return envelope.data ?? {}
}

const small = ["--model", "local.procedural", "--model-parameters-json", '{"width":96,"height":64,"seed":7}']
const idIn = (value: unknown): string => {
  const id = typeof value === "object" && value !== null && "asset_id" in value ? value.asset_id : undefined
  return String(id)
}
const firstAsset = (made: Envelope["data"]) => (Array.isArray(made?.assets) ? idIn(made.assets[0]) : "")

describe("on a bare machine", () => {
  it("says what it is, what it can do and what it would cost, and writes nothing", async () => {
    expect(await data("version")).toHaveProperty("version")
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

  it("pays once for one key, and refuses the key for another request", async () => {
    const typed = ["create", "--prompt", "one", ...small, "--idempotency-key", "key-1"]
    const [first, second] = [await data(...typed), await data(...typed)]
    expect(second.job_id).toBe(first.job_id)
    const other = await machine.run(["create", "--prompt", "two", ...small, "--idempotency-key", "key-1"])
    expect([other.exitCode, other.envelope.error?.code]).toEqual([2, "IDEMPOTENCY_CONFLICT"])
  })

  it("uploads, and knows who acts and what is left", async () => {
    await data("create", "--prompt", "up", ...small, "--output", "up.png")
    expect(await data("upload", "up.png")).toMatchObject({ request: { source_kind: "local_path", filename: "up.png" } })
    expect(await data("whoami")).toMatchObject({ authenticated: true })
    expect(await data("usage", "quota")).toEqual(await data("quota"))
    expect(await data("doctor")).toMatchObject({ mode: "embedded", status: "ok" })
  })

  it("reads a prompt from stdin", async () => {
    const { envelope } = await machine.run(["create", "--prompt-file", "-", ...small], { stdin: "a quiet harbour\n" })
    expect(envelope.data?.status).toBe("completed")
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

  it("take an interrupted request up again by the command that was printed", async () => {
    const typed = ["create", "--prompt", "slow", "--model", "local.procedural", "--idempotency-key", "slow-1"]
    const large = ["--model-parameters-json", '{"width":1536,"height":1536}']
    const cut = await machine.run([...typed, ...large], {
      onStderr: (kill) => setTimeout(() => kill("SIGINT"), 150)
    })
    expect([cut.exitCode, cut.envelope.error?.code]).toEqual([130, "INTERRUPTED"])
    expect(cut.envelope.error?.recovery?.idempotency_key).toBe("slow-1")
    expect(await data(...typed, ...large)).toMatchObject({ status: "completed" })
  })
})
