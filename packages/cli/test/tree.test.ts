import { describe, expect, it } from "vitest"
import { commands, declaredFlags, working } from "../src/Cli.ts"
import { globalFlags } from "../src/commands/global.ts"
import { helpData, helpText } from "../src/Help.ts"
import { parse } from "../src/Parse.ts"
import { programs } from "../src/Programs.ts"

/** A shell's reading of an example: enough for our own, which use plain and quoted words. */
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, plain]) => single ?? double ?? plain ?? "")

describe("the tree of commands", () => {
  it("has a program for every command that works", () => {
    expect(Object.keys(programs).sort()).toEqual(working.map(({ name }) => name).sort())
  })

  it("means the same kind by a flag's name in every command", () => {
    for (const { name, flags } of commands) {
      for (const flag of [...flags, ...globalFlags]) {
        const { kind, repeated } = declaredFlags.get(flag.name) ?? {}
        expect([name, flag.name, kind, repeated]).toEqual([name, flag.name, flag.kind, flag.repeated])
      }
    }
  })

  it("gives examples that parse as the command they are for", () => {
    for (const { name, examples } of commands) {
      for (const example of examples) {
        const [program, ...argv] = wordsOf(example)
        const parsed = parse(argv)
        expect([example, program, parsed.kind === "refused"]).toEqual([example, "image-skill", false])
        expect(parsed.kind === "run" ? parsed.command.name : name).toBe(name)
      }
      expect(examples.length).toBeGreaterThan(0)
    }
  })

  it("shows examples before flags, and every flag, in a terminal's width", () => {
    for (const command of commands) {
      const text = helpText({ command, group: command.name })
      expect(text.indexOf("Examples")).toBeLessThan(text.indexOf("Flags"))
      for (const flag of command.flags) expect(text).toContain(`--${flag.name}`)
    }
  })

  it("lists all commands, or those of a group, in little that an agent must read", () => {
    const admin = helpData({ command: null, group: "admin" })
    expect(admin["commands"]).toHaveLength(working.filter(({ name }) => name.startsWith("admin ")).length)
    expect(admin["help"]).toContain("admin credits grant")
    expect(admin["help"]).not.toContain("models list")
    expect(helpText({ command: null, group: "models" })).toContain(
      "image-skill models alone is image-skill models list"
    )
    const all = helpData({ command: null, group: "" })
    expect(all["commands"]).toHaveLength(commands.length)
    expect(JSON.stringify(all).length).toBeLessThan(15_000)
  })
})
