import { execFileSync } from "node:child_process"
import { type ErrorCode, errorTable } from "@image-skill/core/kernel/Errors"
import { expect } from "vitest"
import { parse } from "../../src/Parse.ts"
import type { Ended } from "./binary.ts"

/** What else than our own program may stand in a suggested command. */
const others = new Set(["mkdir", "mv", "cd", "ls", "export", "unset", "rm"])

/** The simple commands of a line, word by word, as a POSIX shell reads them. */
const simpleCommands = (line: string): ReadonlyArray<ReadonlyArray<string>> =>
  line.split(/ (?:&&|;|\|) (?=(?:[^']*'[^']*')*[^']*$)/).map((part) => {
    const words = part.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? []
    return words.map((word) =>
      word.replace(
        /'([^']*)'|"([^"]*)"|\\(.)/g,
        (_, single?: string, double?: string, escaped?: string) => single ?? double ?? escaped ?? ""
      )
    )
  })

const suggested = (recovery: Readonly<Record<string, unknown>>): ReadonlyArray<string> => {
  const { suggested_command: one, suggested_commands: several } = recovery
  return [...(typeof one === "string" ? [one] : []), ...(Array.isArray(several) ? several.map(String) : [])]
}

/** Every suggested command is a shell's and, where it is our own program's, parses; missing values are named in it. */
export const expectRecovery = (recovery: Readonly<Record<string, unknown>>) => {
  const commands = suggested(recovery)
  for (const command of commands) {
    execFileSync("sh", ["-n", "-c", command])
    for (const [program, ...argv] of simpleCommands(command)) {
      if (program !== "image-skill") {
        expect([command, others.has(program ?? "")]).toEqual([command, true])
        continue
      }
      const parsed = parse(argv)
      expect([command, parsed.kind === "refused" ? parsed.problem.message : null]).toEqual([command, null])
    }
  }
  const missing = Array.isArray(recovery.missing_inputs) ? recovery.missing_inputs.map(String) : []
  // What has no place in a command line, as what was on stdin, is described in words.
  for (const name of missing.filter((one) => /^[A-Z_]+$/.test(one))) {
    expect([name, commands.some((command) => command.includes(name))]).toEqual([name, true])
  }
}

/** One JSON document on stdout, the exit of the table, words for people, and a way out that can be typed. */
export const expectRefusal = ({ envelope, exitCode, stderr, stdout }: Ended, code: ErrorCode) => {
  const { error } = envelope
  expect([error?.code, exitCode, error?.message]).toEqual([code, errorTable[code].exit, expect.any(String)])
  expect(stdout.endsWith("\n") && stdout.indexOf("\n") === stdout.length - 1).toBe(true)
  expect(envelope).toMatchObject({
    ok: false,
    command: expect.stringMatching(/^image-skill/),
    trace_id: expect.stringMatching(/^trace_[0-9a-f]{16,}$/),
    data: null,
    warnings: expect.any(Array)
  })
  const told = error?.details?.retryable
  expect(error?.retryable).toBe(typeof told === "boolean" ? told : errorTable[code].retryable)
  expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |isk_r_[0-9a-f]{16}|sk-test/)
  expectRecovery(error?.recovery ?? {})
}
