import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { node } from "./binary.ts"

const binary = fileURLToPath(new URL("../../bin/image-skill.js", import.meta.url))

/** The built `image-skill serve` on a free port and a data folder of its own; `stop` ends it politely. */
export const startServer = async (folder: string, environment: Readonly<Record<string, string>> = {}) => {
  const child = spawn(node, [binary, "serve", "--port", "0", "--data-dir", folder], {
    env: { HOME: folder, PATH: process.env.PATH ?? "", IMAGE_SKILL_RATE_LIMIT: "off", ...environment },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text
  })
  const ended = once(child, "close")
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([once(lines, "line"), ended.then(() => ["{}"])])
  const { data } = JSON.parse(String(line))
  if (typeof data?.url !== "string") throw new Error(`the server did not start: ${line}${stderr}`)
  return {
    url: String(data.url),
    port: Number(data.port),
    signupCommand: String(data.signup_command),
    logged: () => stderr,
    signal: (name: NodeJS.Signals) => child.kill(name),
    stop: async () => {
      child.kill("SIGTERM")
      await ended
    }
  }
}
