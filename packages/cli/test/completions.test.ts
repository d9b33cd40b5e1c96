import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { commands } from "../src/Cli.ts"
import { shells } from "../src/commands/teaching.ts"
import { completionsOf } from "../src/internal/completionScripts.ts"
import { parse } from "../src/Parse.ts"
import { skillText } from "../src/skillText.ts"
import { completionCases } from "./support/completionCases.ts"
import { runIn, temporaryFolder } from "./support/host.ts"
import { shellsHere } from "./support/shells.ts"

const folder = temporaryFolder()
const run = runIn(folder.path)
afterAll(() => folder.remove())

const wordsOf = (text: string) => text.split(" ").filter((word) => word !== "")

describe.each(["bash", "fish"] as const)("completions in %s", (shell) => {
  const { isThere, offer } = shellsHere[shell]

  it.skipIf(!isThere)(`are what the line may go on with${isThere ? "" : ` (skipped: no ${shell} here)`}`, () => {
    writeFileSync(join(folder.path, "small.png"), "")
    const shown = offer(
      completionsOf[shell]().script,
      folder.path,
      completionCases.map(([line]) => line)
    )
    const seen = completionCases.map(([line, offered, absent], index) => {
      // fish says what a word means after a tab, and repeats the flag before its value.
      const words = (shown[index] ?? "")
        .split("\n")
        .map((row) => row.split("\t", 1)[0]?.replace(/^--[a-z-]+=/, "") ?? "")
      const missing = wordsOf(offered).filter((word) => !words.includes(word))
      return { line, missing, strange: wordsOf(absent).filter((word) => words.includes(word)) }
    })
    expect(seen).toEqual(completionCases.map(([line]) => ({ line, missing: [], strange: [] })))
  })
})

describe("completions", () => {
  it("know every flag of every command, in every shell", () => {
    for (const shell of shells) {
      const { script } = completionsOf[shell]()
      for (const { flags, name } of commands) {
        for (const flag of flags) {
          expect([shell, name, script.includes(shell === "fish" ? `-l ${flag.name}` : `--${flag.name}`)]).toEqual([
            shell,
            name,
            true
          ])
        }
      }
    }
  })

  it("come as JSON without a terminal, and as the script itself at one", async () => {
    const { envelope } = await run(["completions", "fish"])
    expect(envelope.data?.script).toBe(completionsOf.fish().script)
    expect((await run(["completions", "bash"], { isTerminal: true })).stdout).toBe(completionsOf.bash().script)
    expect((await run(["completions", "tcsh"])).envelope.error?.message).toContain("bash, zsh, fish")
  })
})

describe("the agent skill", () => {
  it("names only commands and flags that parse", () => {
    const text = skillText({ apiBaseUrl: "http://127.0.0.1:8787" })
    const lines = [...text.matchAll(/image-skill [a-z][^\n`]*/g)].map(([line]) => line)
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines.filter((one) => one.includes("--"))) {
      const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
        (found) => found[1] ?? found[2] ?? found[3] ?? ""
      )
      const parsed = parse(words.slice(1))
      expect(parsed.kind === "refused" ? [line, parsed.problem.message] : []).toEqual([])
    }
  })

  it("is one page", () => {
    expect(skillText({ apiBaseUrl: null }).length).toBeLessThan(5000)
  })
})
