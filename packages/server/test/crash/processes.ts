import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { setTimeout as pause } from "node:timers/promises"
import { Schema } from "effect"
import { Answered, begun, type Plan } from "./plan.ts"
import { Seen } from "./wire.ts"

/** How a victim ended. `signal` is what killed it; a victim that hung is killed by us and is `late`. */
export interface Ending {
  readonly answers: ReadonlyArray<Answered>
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly isLate: boolean
  readonly errors: string
}

export interface Start {
  readonly plan: Plan
  /** Kills it from outside, this long after it was started, or after it begun its calls. */
  readonly strike?: { readonly from: "start" | "begun"; readonly afterMillis: number }
  /** A program before Node, such as one that lowers a limit: its arguments end where Node's path goes. */
  readonly wrapper?: ReadonlyArray<string>
  readonly onBegun?: () => void
  /** Told before each call of a stepwise victim, how many it has answered. */
  readonly beforeStep?: (answered: number) => void
}

const decodeSeen = Schema.decodeUnknownSync(Schema.Array(Seen))
const lateMillis = 60_000
const decodeAnswer = Schema.decodeUnknownSync(Schema.parseJson(Answered))

const ended = (child: ChildProcess) =>
  new Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal }))
  })

/** Runs a victim to its end. */
export const runVictim = async (program: string, start: Start): Promise<Ending> => {
  const args = [program, JSON.stringify(start.plan)]
  const [command, ...before] = start.wrapper ?? []
  const child =
    command === undefined
      ? spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] })
      : spawn(command, [...before, process.execPath, ...args], { stdio: ["pipe", "pipe", "pipe"] })
  const answers: Array<Answered> = []
  let errors = ""
  let isLate = false
  const kill = () => void child.kill("SIGKILL")
  const strikeFrom = (from: "start" | "begun") => {
    if (start.strike?.from === from) setTimeout(kill, start.strike.afterMillis).unref()
  }
  const step = () => {
    if (!start.plan.isStepwise || answers.length === start.plan.calls.length) return
    start.beforeStep?.(answers.length)
    child.stdin.write("\n")
  }
  // A victim that is killed does not read what it is told.
  child.stdin.on("error", () => undefined)
  strikeFrom("start")
  const late = setTimeout(() => {
    isLate = true
    kill()
  }, lateMillis)
  child.stderr.on("data", (chunk) => void (errors += String(chunk)))
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line === begun) {
      strikeFrom("begun")
      start.onBegun?.()
      step()
    } else if (line.endsWith("}")) {
      answers.push(decodeAnswer(line))
      step()
    }
  })
  const { code, signal } = await ended(child)
  clearTimeout(late)
  return { answers, code, signal, isLate, errors }
}

/** The provider's process, until `close`. */
export const openUpstream = async (program: string) => {
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] })
  const port = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once("line", resolve)
  })
  const base = `http://127.0.0.1:${port}`
  return {
    /** Where the victims of one data directory call it. */
    baseOf: (house: string) => `${base}/${house}`,
    /** What it accepted, charged and answered there, by attempt. */
    seen: async (house: string) => {
      const list = decodeSeen(await (await fetch(`${base}/${house}/records`)).json())
      return new Map(list.map((one) => [one.attempt, one]))
    },
    close: async () => {
      child.stdin.end()
      await Promise.race([ended(child), pause(2_000)])
      child.kill("SIGKILL")
    }
  }
}
export type Upstream = Awaited<ReturnType<typeof openUpstream>>
