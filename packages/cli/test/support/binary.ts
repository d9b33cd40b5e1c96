import { spawn } from "node:child_process"
import { existsSync, mkdirSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect } from "vitest"
import { type Envelope, noEnvelope, temporaryFolder } from "./host.ts"

const binary = fileURLToPath(new URL("../../bin/image-skill.js", import.meta.url))
const bundle = fileURLToPath(new URL("../../dist/bin.cjs", import.meta.url))

/** The Node that runs the program: `IMAGE_SKILL_TEST_NODE=/path/to/node` tests it on another than the tests' own. */
export const node = process.env.IMAGE_SKILL_TEST_NODE ?? process.execPath

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly envelope: Envelope
}

export interface SpawnOptions {
  readonly environment?: Record<string, string>
  readonly stdin?: string
  /** Another copy of the program than the built one. */
  readonly binary?: string
  /** Called with the process once it has begun to write to stderr. */
  readonly onStderr?: (kill: (signal: NodeJS.Signals) => void) => void
}

/** A machine of its own: an empty home, a working folder, and the built `image-skill` on it. */
export const makeMachine = () => {
  if (!existsSync(bundle)) throw new Error("packages/cli/dist/bin.cjs is missing: npm run build")
  const folder = temporaryFolder()
  const work = join(folder.path, "work")
  mkdirSync(work)
  // The word `image-skill` as a shell finds it.
  const programs = join(folder.path, "bin")
  mkdirSync(programs)
  symlinkSync(binary, join(programs, "image-skill"))
  const run = (argv: ReadonlyArray<string>, options: SpawnOptions = {}): Promise<Ended> =>
    new Promise((resolve) => {
      const child = spawn(node, [options.binary ?? binary, ...argv], {
        cwd: work,
        env: { HOME: folder.path, PATH: process.env.PATH ?? "", ...options.environment }
      })
      let [stdout, stderr] = ["", ""]
      child.stdout.setEncoding("utf8").on("data", (text) => {
        stdout += text
      })
      child.stderr.setEncoding("utf8").on("data", (text) => {
        if (stderr === "") options.onStderr?.((signal) => child.kill(signal))
        stderr += text
      })
      child.stdin.end(options.stdin ?? "")
      // Who is killed outright says nothing.
      const envelope = () => (stdout === "" ? noEnvelope : JSON.parse(stdout))
      child.on("close", (code) => resolve({ exitCode: code ?? -1, stdout, stderr, envelope: envelope() }))
    })
  const inShell = (command: string): Promise<{ readonly exitCode: number; readonly stdout: string }> =>
    new Promise((resolve) => {
      const child = spawn("sh", ["-c", command], {
        cwd: work,
        env: { HOME: folder.path, PATH: `${programs}:${dirname(node)}:${process.env.PATH ?? ""}` }
      })
      let stdout = ""
      child.stdout.setEncoding("utf8").on("data", (text) => {
        stdout += text
      })
      child.on("close", (code) => resolve({ exitCode: code ?? -1, stdout }))
    })
  /** Runs a suggested command as it is, in a shell. */
  const paste = async (command: unknown) => {
    const ended = await inShell(String(command))
    const envelope: Envelope = JSON.parse(ended.stdout)
    return { ...ended, envelope }
  }
  /** Runs a command that must succeed, in one line of output; answers its data. */
  const data = async (...argv: ReadonlyArray<string>) => {
    const { exitCode, envelope, stdout } = await run(argv)
    expect([argv.join(" "), exitCode, envelope.error]).toEqual([argv.join(" "), 0, null])
    expect(stdout.trim().split("\n").length).toBe(1)
    return envelope.data ?? {}
  }
  return { ...folder, data, paste, shell: inShell, work, at: (name: string) => join(work, name), run }
}
