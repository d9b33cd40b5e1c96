/** The public part of the command line, for a server to run for its callers. */
import { failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import type { CommandAnswer, CommandCall, CommandLine } from "@image-skill/server/pages/CommandLine"
import { Effect, Ref } from "effect"
import { type WorkingCommand, working } from "./Cli.ts"
import { clientOf, fromOutcome } from "./Client.ts"
import { connect } from "./Connection.ts"
import { crash, describeDefect } from "./Crash.ts"
import { commandPages } from "./commandPages.ts"
import { type Answer, problemOf, refusal, success } from "./Envelope.ts"
import type { Arguments, Command } from "./Flags.ts"
import { helpData } from "./Help.ts"
import type { Host, Sink } from "./Host.ts"
import type { Settings } from "./internal/config.ts"
import { publicCommands, refusalOf } from "./internal/publicCommands.ts"
import { parse } from "./Parse.ts"
import { asAnswerOf } from "./Perform.ts"
import { programs } from "./Programs.ts"
import type { Program, Question, Session } from "./Session.ts"

const silent: Sink = { isTerminal: false, columns: 80, write: () => Promise.resolve() }

const nothing = () => Promise.reject(new Error("a guest's command has no machine of its own"))

/** A host without a machine: what a command of a caller may use is the house that runs it, and nothing else. */
const guestHost = (host: Host, { argv, exchange }: CommandCall): Host => ({
  argv,
  environment: {},
  workingDirectory: "/nonexistent",
  homeDirectory: "/nonexistent",
  temporaryDirectory: "/nonexistent",
  version: host.version,
  nodeVersion: host.nodeVersion,
  stdout: silent,
  stderr: silent,
  readStdin: nothing,
  interruption: new AbortController().signal,
  openEmbedded: () => Promise.resolve({ exchange, close: () => Promise.resolve() }),
  processId: 0,
  isRunning: () => false,
  openFile: () => Promise.resolve(false),
  loadServer: nothing
})

const settings: Settings = {
  baseUrl: null,
  baseUrlFrom: null,
  token: null,
  tokenFrom: null,
  saved: null,
  dataDirectory: "/nonexistent",
  configPath: "/nonexistent",
  warnings: []
}

const tooLong = failure(
  "TIMEOUT",
  `The command was still running after ${limits.commandMillisMax} ms; its job goes on`,
  {
    recovery: { suggested_command: "image-skill jobs list --json" }
  }
)

/** The request's key is the command's, where it takes one and its words give none. */
const withKey = (command: Command, given: Arguments, key: string | null): Arguments =>
  key === null || given.flags.has("idempotency-key") || !command.flags.some(({ name }) => name === "idempotency-key")
    ? given
    : { ...given, flags: new Map([...given.flags, ["idempotency-key", [key]]]) }

interface Ran {
  readonly answer: Answer
  /** Of the reply that it is; null for an answer of the command's own. */
  readonly status: number | null
}

const own = (answer: Answer): Ran => ({ answer, status: null })

/** A question as a program. */
const programOf = (runnable: Program | Question): Program =>
  typeof runnable === "function"
    ? runnable
    : ({ client, given }) => Effect.flatMap(fromOutcome(runnable.callOf(given)), client.ask)

const perform = Effect.fn("CommandLine.perform")(function* (
  host: Host,
  name: WorkingCommand["name"],
  given: Arguments
) {
  const program = programOf(yield* Effect.promise(programs[name]))
  const warnings = yield* Ref.make<ReadonlyArray<string>>([])
  const session: Session = {
    ...{ host, name, given, settings, style: "json", isGuest: true },
    // It waits as a client of a server does: within the server's window.
    client: { ...clientOf(connect(host, settings)), mode: "remote" },
    warn: (message) => Ref.update(warnings, (all) => [...all, message]),
    report: () => Effect.void,
    afterAnswer: () => Effect.void,
    setInFlight: () => Effect.void
  }
  const { answer, status } = yield* program(session).pipe(
    Effect.timeoutFail({ duration: limits.commandMillisMax, onTimeout: () => tooLong }),
    Effect.catchTag("Refused", ({ reply }) => Effect.succeed(reply)),
    Effect.map((answer): Ran => ({ answer, status: "status" in answer ? answer.status : null })),
    Effect.catchTag("Failure", (error) => Effect.succeed(own(refusal(name, error))))
  )
  return { answer: asAnswerOf(name, answer, yield* Ref.get(warnings)), status }
})

const isWorking = (name: string): name is WorkingCommand["name"] => working.some((command) => command.name === name)

const isPublic = ({ name }: Command) => publicCommands.includes(name)

const told = (answer: Answer) => Effect.succeed(own(answer))

const answer = (host: Host, call: CommandCall): Effect.Effect<Ran> => {
  const [first, ...rest] = call.argv
  const parsed = parse(first === "image-skill" ? rest : call.argv)
  switch (parsed.kind) {
    case "help":
      return told(success("help", helpData(parsed)))
    case "version":
      return told(success("version", { name: "image-skill", version: host.version }))
    case "refused":
      return told(refusal(parsed.words, parsed.problem))
    case "run": {
      const { command, given } = parsed
      const problem = refusalOf(command, given)
      if (problem !== null || !isWorking(command.name) || !isPublic(command)) {
        return told(refusal(command.name, problem ?? problemOf("INTERNAL", "the command has no program")))
      }
      return perform(guestHost(host, call), command.name, withKey(command, given, call.idempotencyKey))
    }
  }
}

const wire = ({ answer, status }: Ran): CommandAnswer => {
  const { actor, command, data, error, ok, trace_id, warnings } = answer.envelope
  const envelope: JsonObject = { ok, command, trace_id, actor, data, warnings, error }
  return { envelope, exitCode: answer.exitCode, status }
}

/** The commands of this machine's own program; `host` is told of their defects and nothing else. */
export const commandLineOf = (host: Host): CommandLine => ({
  pages: commandPages,
  run: (call) =>
    Effect.suspend(() => answer(host, call)).pipe(
      Effect.catchAllDefect((defect) =>
        Effect.promise(() => host.stderr.write(describeDefect(defect, host.environment))).pipe(
          Effect.as(own(crash("")))
        )
      ),
      Effect.map(wire)
    )
})
