import { spawn } from "node:child_process"
import { once } from "node:events"
import { delimiter, resolve } from "node:path"

const path = `${resolve("node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`

/**
 * Runs a program, or one of the repository's tools by its bare name, and keeps all that it prints. `node` is this node.
 *
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string }>}
 */
export const capture = async (command, args, options = {}) => {
  const child = spawn(command === "node" ? process.execPath : command, args, {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, PATH: path, ...options.env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  let stdout = ""
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text
    stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text
  })
  const [code] = await once(child, "close")
  return { code: code ?? 1, output, stdout }
}

/**
 * Runs a program that must succeed; what it printed is shown only when it did not, and ends this process.
 *
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options]
 */
export const run = async (command, args, options) => {
  const result = await capture(command, args, options)
  if (result.code === 0) return result
  process.stderr.write(`${command} ${args.join(" ")}\n${result.output}\n`)
  process.exit(1)
}
