import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"
import { hugePng, manyFrames, svg } from "../support/hostile.ts"
import { expectRefusal } from "../support/refusal.ts"

// Every line here starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const machine = makeMachine()
const small = ["--model", "local.procedural", "--model-parameters-json", '{"width":96,"height":64}']

beforeAll(async () => {
  await machine.run(["create", "--prompt", "x", ...small, "--output", "good.png"])
  const convert = ["--model", "local.convert", "--model-parameters-json", '{"format":"jpeg"}', "--output", "good.jpg"]
  await machine.run(["edit", "--input", "good.png", ...convert])
  const jpeg = readFileSync(machine.at("good.jpg"))
  writeFileSync(machine.at("truncated.jpg"), jpeg.subarray(0, jpeg.length / 2))
  writeFileSync(machine.at("huge.png"), hugePng())
  writeFileSync(machine.at("text.png"), "just some words, a few of them")
  writeFileSync(machine.at("drawing.svg"), svg())
  writeFileSync(machine.at("frames.gif"), manyFrames())
  writeFileSync(machine.at("empty.png"), "")
})
afterAll(() => machine.remove())

describe("bytes that are no image we take", () => {
  it("are refused, and nothing is kept of them", async () => {
    const before = (await machine.run(["activity", "list"])).envelope.data
    for (const name of ["huge.png", "text.png", "truncated.jpg", "drawing.svg", "frames.gif", "empty.png"]) {
      const { exitCode, envelope } = await machine.run([
        ...["edit", "--input", name, "--model", "local.grade", "--output", "never.png"]
      ])
      expect([name, exitCode, envelope.error?.code]).toEqual([name, 6, "INPUT_POLICY_DENIED"])
      expect(envelope.error?.message.length).toBeGreaterThan(10)
    }
    expect((await machine.run(["upload", "text.png"])).envelope.error?.code).toBe("INPUT_POLICY_DENIED")
    expect(readdirSync(machine.work)).not.toContain("never.png")
    expect((await machine.run(["activity", "list"])).envelope.data).toEqual(before)
  })
})

describe("requests that cannot be", () => {
  it.each([
    [["create", "--prompt", "x", "--model", "no.such"], 2, "MODEL_NOT_FOUND"],
    [
      ["create", "--prompt", "x", "--model", "local.procedural", "--model-parameters-json", '{"width":5}'],
      2,
      "MODEL_PARAMETERS_INVALID"
    ],
    [
      ["create", "--prompt", "x", "--model", "local.procedural", "--model-parameters-json", '{"colour":5}'],
      2,
      "MODEL_PARAMETERS_INVALID"
    ],
    [["create", "--prompt", "x", "--aspect-ratio", "wide"], 2, "INVALID_ARGUMENTS"],
    [["create", "--prompt", "x", "--output-count", "99"], 2, "INVALID_ARGUMENTS"],
    [["edit", "--input", "good.png", "--model", "local.grade", "--output-count", "2"], 4, "OUTPUT_COUNT_NOT_SUPPORTED"],
    [["create", "--prompt", "x", "--output", "good.png"], 9, "OUTPUT_EXISTS"],
    [["create", "--prompt", "x", "--output", "no/such/folder.png"], 9, "OUTPUT_WRITE_FAILED"],
    [["create"], 2, "INVALID_ARGUMENTS"],
    [["whoami", "--api-base-url", "http://127.0.0.1:1/v1/models?limit="], 2, "INVALID_ARGUMENTS"],
    [["edit", "--input", "image_nope", "--model", "local.grade"], 2, "ASSET_NOT_FOUND"],
    [["edit", "--input", "none.png", "--model", "local.grade"], 9, "FILE_READ_FAILED"],
    [["models", "show", "no.such"], 2, "MODEL_NOT_FOUND"],
    [["capabilities", "show", "no.such"], 2, "CAPABILITY_NOT_FOUND"],
    [["assets", "show", "image_nope"], 2, "ASSET_NOT_FOUND"],
    [["jobs", "show", "job_nope"], 2, "JOB_NOT_FOUND"],
    [["activity", "show", "evt_nope"], 2, "ACTIVITY_NOT_FOUND"]
  ] as const)("%j exits %i with %s", async (argv, exit, code) => {
    const ended = await machine.run(argv)
    expect([ended.exitCode, ended.envelope.error?.code]).toEqual([exit, code])
    expectRefusal(ended, code)
  })
})

describe("a machine that does not play along", () => {
  it("says so when its database is corrupt, and leaves it as it is", async () => {
    const data = join(machine.path, "corrupt")
    await machine.run(["create", "--prompt", "x", ...small, "--data-dir", data])
    const database = readdirSync(data).find((name) => /\.(db|sqlite)$/.test(name)) ?? ""
    for (const name of readdirSync(data).filter((one) => one.startsWith(database))) {
      writeFileSync(join(data, name), "this is no database at all, not even a bit".repeat(200))
    }
    const { exitCode, envelope } = await machine.run([
      "create",
      "--prompt",
      "x",
      ...small,
      "--data-dir",
      data,
      "--output",
      "c.png"
    ])
    expect([exitCode, envelope.error?.code]).toEqual([9, "STORAGE_UNAVAILABLE"])
    expect(readFileSync(join(data, database), "utf8")).toContain("this is no database")
    expect(readdirSync(machine.work)).not.toContain("c.png")
    expect((await machine.run(["models", "list", "--data-dir", data])).exitCode).toBe(0)
  })

  it("says so when its data folder cannot be made", async () => {
    const { exitCode, envelope } = await machine.run(["create", "--prompt", "x", ...small, "--data-dir", "/dev/null/x"])
    expect([exitCode, envelope.error?.code]).toEqual([9, "STORAGE_UNAVAILABLE"])
  })

  it.skipIf(process.getuid?.() === 0)("checks an output folder without permission before it draws", async () => {
    mkdirSync(machine.at("locked"))
    chmodSync(machine.at("locked"), 0o500)
    const { envelope } = await machine.run(["create", "--prompt", "x", ...small, "--output", "locked/a.png"])
    expect(envelope.error?.code).toBe("OUTPUT_WRITE_FAILED")
  })
})
