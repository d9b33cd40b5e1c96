import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { commands } from "../../src/Cli.ts"
import { makeMachine } from "../support/binary.ts"
import { openWorking, type Working } from "../support/commandHouse.ts"
import { usesOf } from "../support/commandUses.ts"
import { expectRefusal } from "../support/refusal.ts"

// Every line here starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const names = commands.map(({ name }) => name)

describe.each(["remote", "embedded"] as const)("every command, %s", (mode) => {
  let working: Working
  beforeAll(async () => {
    working = await openWorking(mode)
  })
  afterAll(() => working.close())

  it("answers with one JSON document and exit 0, and writes the files that it was told to", async () => {
    const uses = usesOf(working)
    // The house itself is `serve` at work.
    expect([...Object.keys(uses), "serve"].sort()).toEqual([...names].sort())
    for (const [name, use] of Object.entries(uses)) {
      if (use === null) continue
      const stdin = working.facts.token
      const argv = use.takesToken === true ? [...use.argv, "--token-stdin"] : use.argv
      const { envelope, exitCode, stderr, stdout } = await working.run(argv, { stdin })
      expect.soft([name, exitCode, envelope.error]).toEqual([name, 0, null])
      expect(envelope).toMatchObject({ ok: true, command: `image-skill ${name}`, warnings: expect.any(Array) })
      expect.soft([name, stdout.split("\n").length]).toEqual([name, 2])
      expect.soft([name, Object.keys(envelope.data ?? {})]).toEqual([name, expect.arrayContaining([...use.holds])])
      expect(stderr).not.toMatch(/\n\s+at |defect/)
      expect.soft([name, `${stdout}${stderr}`.includes(stdin) && stdin !== ""]).toEqual([name, false])
      const written = use.writes === undefined ? null : readFileSync(working.machine.at(use.writes)).length
      expect.soft([name, written === null || written > 50]).toEqual([name, true])
    }
  })
})

describe("every command", () => {
  const machine = makeMachine()
  afterAll(() => machine.remove())

  it("refuses a flag that it does not know, and has help as one JSON document", async () => {
    for (const name of names) {
      const words = name.split(" ")
      const refused = await machine.run([...words, "--no-such-flag", "x"])
      expect.soft([name, refused.envelope.error?.message]).toEqual([name, expect.stringContaining("--no-such-flag")])
      expectRefusal(refused, "INVALID_ARGUMENTS")
      const help = await machine.run([...words, "--help"])
      expect.soft([name, help.exitCode, help.envelope.ok, help.stdout.split("\n").length]).toEqual([name, 0, true, 2])
    }
  })
})
