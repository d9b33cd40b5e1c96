import { type ChildProcess, spawn } from "node:child_process"
import { request } from "node:http"
import { createInterface } from "node:readline"
import { Schema } from "effect"
import type { Programs } from "./bundle.ts"
import { Answered, type PlannedCall } from "./plan.ts"
import type { Ending, Start } from "./processes.ts"

const decodeAnswer = Schema.decodeUnknownSync(Answered)
const lateMillis = 60_000

/** The answer of a server to one call; null when it died before. */
const call = (port: number, { body, key, path }: PlannedCall): Promise<Answered | null> => {
  const since = Date.now()
  return new Promise((resolve) => {
    const asked = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: "POST",
        agent: false,
        headers: { "content-type": "application/json", ...(key === null ? {} : { "idempotency-key": key }) }
      },
      (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (part) => void (text += part))
        response.on("error", () => resolve(null))
        response.on("end", () => {
          const exit = Number(response.headers["x-image-skill-exit-code"])
          const envelope: unknown = JSON.parse(text)
          resolve(decodeAnswer({ key, exit, millis: Date.now() - since, envelope }))
        })
      }
    )
    asked.on("error", () => resolve(null))
    asked.end(JSON.stringify(body))
  })
}

const ended = (child: ChildProcess) =>
  new Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal }))
  })

/** Starts the server, makes the calls of the plan over HTTP, and stops it politely, unless it was killed before. */
export const runServer = async (programs: Programs, { plan, strike }: Start): Promise<Ending> => {
  const child = spawn(process.execPath, [programs.of("serverVictim"), JSON.stringify(plan)], {
    stdio: ["ignore", "pipe", "pipe"]
  })
  const end = ended(child)
  const kill = () => void child.kill("SIGKILL")
  const strikeFrom = (from: "start" | "begun") => {
    if (strike?.from === from) setTimeout(kill, strike.afterMillis).unref()
  }
  let errors = ""
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    kill()
  }, lateMillis)
  child.stderr.on("data", (chunk) => void (errors += String(chunk)))
  strikeFrom("start")
  const lines = createInterface({ input: child.stdout })
  const port = await Promise.race([
    new Promise<number>((resolve) => lines.once("line", (line) => resolve(Number(line)))),
    end.then(() => null)
  ])
  strikeFrom("begun")
  const answers = port === null ? [] : await Promise.all(plan.calls.map((one) => call(port, one)))
  child.kill("SIGTERM")
  const { code, signal } = await end
  clearTimeout(late)
  return { answers: answers.filter((answer) => answer !== null), code, signal, isLate, errors }
}
