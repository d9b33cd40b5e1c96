import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Effect, Schema } from "effect"

const Answer = Schema.Struct({
  ok: Schema.Boolean,
  result: Schema.optional(Schema.Unknown),
  error: Schema.optional(Schema.String)
})
const decodeAnswer = Schema.decodeUnknownSync(Answer)
const script = fileURLToPath(new URL("./worker.mjs", import.meta.url))

export type Request = { readonly directory: string } & (
  | { readonly kind: "first" | "live" }
  | { readonly kind: "accepts"; readonly prefix: string; readonly count: number }
  | { readonly kind: "transfers"; readonly prefix: string }
)

/** The next message of the process; fails the test when it ends without one, or reports a failure. */
const answer = (child: ChildProcess) =>
  Effect.async<unknown>((resume) => {
    const ended = () => resume(Effect.dieMessage("the process ended without an answer"))
    child.once("exit", ended)
    child.once("message", (message) => {
      child.off("exit", ended)
      const { error, ok, result } = decodeAnswer(message)
      resume(ok ? Effect.succeed(result) : Effect.dieMessage(error ?? "it failed"))
    })
  })

const make = Effect.gen(function* () {
  const child = fork(script, { execArgv: [], stdio: ["ignore", "pipe", "inherit", "ipc"] })
  const committed: Array<string> = []
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    committed.push(...text.split("\n").filter((line) => line !== ""))
  })
  yield* answer(child)
  return {
    /** What it has reported as committed so far. */
    committed,
    ask: (request: Request) =>
      Effect.zipRight(
        Effect.sync(() => void child.send(request)),
        answer(child)
      ),
    signal: (signal: NodeJS.Signals) => Effect.sync(() => void child.kill(signal)),
    /** Ends it at once, as a crash would, and waits until the system has cleared up. */
    kill: Effect.async<void>((resume) => {
      if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
      child.once("close", () => resume(Effect.void))
      child.kill("SIGKILL")
    })
  }
})

/** A worker process; it is killed with the scope. */
export const makeWorker = Effect.acquireRelease(make, (worker) => worker.kill)
