import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"
import { smallPng } from "../support/hostile.ts"

// Every line here starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const machine = makeMachine()
const data = join(machine.path, "my data")
const at = ["--data-dir", data]

beforeAll(() => writeFileSync(machine.at("good.png"), smallPng()))
afterAll(() => machine.remove())

describe("an edit that is refused", () => {
  it.each([
    [["--model", "no.such"], 2, "MODEL_NOT_FOUND"],
    [["--model", "local.grade", "--model-parameters-json", '{"warmth":1e6}'], 2, "MODEL_PARAMETERS_INVALID"],
    [["--model", "openai.gpt-image-1.5-edit", "--prompt", "x", "--accept-unknown-cost"], 7, "PROVIDER_UNAVAILABLE"]
  ])("uploads nothing: %j", async (flags, exit, code) => {
    const { exitCode, envelope } = await machine.run(["edit", "--input", "good.png", ...flags, ...at])
    expect([exitCode, envelope.error?.code]).toEqual([exit, code])
    expect(readdirSync(machine.path)).not.toContain("my data")
  })
})

describe("an upload that is refused", () => {
  it("names the file", async () => {
    writeFileSync(machine.at("notes.png"), "just some words")
    const { envelope } = await machine.run(["upload", "notes.png", "--data-dir", join(machine.path, "aside")])
    expect(envelope.error?.message).toContain('"notes.png"')
    expect(envelope.error?.details).toMatchObject({ filename: "notes.png" })
  })
})

describe("a dry run of an edit", () => {
  it("knows the file's size, and uploads nothing", async () => {
    const typed = ["edit", "--input", "good.png", "--model", "local.grade", "--dry-run", ...at]
    const { envelope } = await machine.run(typed)
    expect(envelope.data).toMatchObject({ input_asset: { asset_id: null, width: 8, height: 8 } })
    expect(readdirSync(machine.path)).not.toContain("my data")
  })
})

describe("what is suggested", () => {
  it("is the same command with what is missing in its place", async () => {
    const { envelope } = await machine.run(["create", "--model", "local.procedural", "--aspect-ratio", "16:9", ...at])
    const [command, recovery] = ["create --model local.procedural --aspect-ratio 16:9", envelope.error?.recovery]
    expect(recovery).toEqual({
      required_flag: "--prompt",
      suggested_command: `image-skill ${command} --data-dir '${data}' --prompt TEXT`,
      missing_inputs: ["TEXT"]
    })
  })

  it("runs as pasted: a misspelt command and a missing folder", async () => {
    const small = ["--model-parameters-json", '{"width":64,"height":64}', "--output", "new/a.png"]
    const typed = ["creat", "--model", "local.procedural", "--prompt", "it's me", ...small, ...at]
    const first = await machine.run(typed)
    const second = await machine.paste(first.envelope.error?.recovery?.suggested_command)
    expect([first.exitCode, second.exitCode]).toEqual([2, 9])
    const third = await machine.paste(second.envelope.error?.recovery?.suggested_command)
    expect([third.exitCode, readdirSync(machine.at("new"))]).toEqual([0, ["a.png"]])
    // The data folder that was typed first is where the job is, three suggestions later.
    const { envelope } = await machine.run(["jobs", "show", "nope", ...at])
    const listed = await machine.paste(envelope.error?.recovery?.suggested_command)
    expect(JSON.stringify(listed.envelope.data)).toContain(String(third.envelope.data?.job_id))
  })
})

describe("doctor", () => {
  it("finds a damaged database, and helps", async () => {
    const broken = join(machine.path, "broken")
    await machine.run(["upload", "good.png", "--data-dir", broken])
    for (const name of readdirSync(broken).filter((one) => one.includes(".db"))) {
      writeFileSync(join(broken, name), "no database any more".repeat(500))
    }
    const refused = await machine.run(["activity", "list", "--data-dir", broken])
    expect(refused.exitCode).toBe(9)
    const found = await machine.paste(refused.envelope.error?.recovery?.suggested_command)
    expect(found.envelope.data?.status).toBe("fail")
    const checks = Array.isArray(found.envelope.data?.checks) ? found.envelope.data.checks : []
    const check = checks.find((one) => one.name === "database")
    expect(check).toMatchObject({ status: "fail", suggested_command: `mv ${broken} ${broken}.damaged` })
    await machine.shell(check.suggested_command)
    expect((await machine.run(["doctor", "--data-dir", broken])).envelope.data?.status).toBe("ok")
    expect(readFileSync(join(`${broken}.damaged`, "image-skill.db"), "utf8")).toContain("no database any more")
  })
})
