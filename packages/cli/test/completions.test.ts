import { execFileSync } from "node:child_process"
import { afterAll, describe, expect, it } from "vitest"
import { commands } from "../src/Cli.ts"
import { completionsOf } from "../src/internal/completionScripts.ts"
import { parse } from "../src/Parse.ts"
import { skillText } from "../src/skillText.ts"
import { runIn, temporaryFolder } from "./support/host.ts"

const folder = temporaryFolder()
const run = runIn(folder.path)
afterAll(() => folder.remove())

/** What bash offers after each of these lines; the last word is the one under the cursor. */
const offered = (lines: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const asks = lines.map((line) => {
    const words = line.split(" ")
    return `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _image_skill; echo "\${COMPREPLY[*]}"`
  })
  const script = `${completionsOf.bash().script}\n${asks.join("\n")}\n`
  const shown = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8", cwd: folder.path })
  return shown
    .split("\n")
    .slice(0, lines.length)
    .map((line) => line.split(" ").filter((word) => word !== ""))
}

describe("completions", () => {
  it("in bash offer the declared commands, flags and choices, and nothing else", () => {
    const [first, group, flags, choice, valued, afterValue] = offered([
      "image-skill m",
      "image-skill models ",
      "image-skill create --max-",
      "image-skill models list --operation image.u",
      "image-skill --data-dir x models o",
      "image-skill create --prompt s"
    ])
    expect(first).toEqual(["models"])
    expect(group).toEqual(["overview", "find", "list", "show"])
    expect(flags).toEqual(["--max-estimated-usd-per-image", "--max-usd"])
    expect(choice).toEqual(["image.upscale"])
    expect(valued).toEqual(["overview"])
    expect(afterValue).toEqual([])
  })

  it("in zsh are bash's by its own emulation, and in fish every flag of every command", () => {
    expect(completionsOf.zsh().script).toContain("bashcompinit")
    const { script } = completionsOf.fish()
    for (const { flags, name } of commands) {
      for (const flag of flags) expect(script).toContain(`__image_skill_begins \\'${name}\\'' -l ${flag.name}`)
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
