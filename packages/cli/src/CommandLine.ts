/** The public part of the command line, for a server to run for its callers. */
import { fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import type { CommandAnswer, CommandCall, CommandLine } from "@image-skill/server/pages/CommandLine"
import { Cause, Effect, Exit, Option, Ref } from "effect"
import { type WorkingCommand, working } from "./Cli.ts"
import { makeClient } from "./Client.ts"
import { crash, describeDefect } from "./Crash.ts"
import { commandPages } from "./commandPages.ts"
import { type Answer, early, refusal, success } from "./Envelope.ts"
import type { Arguments, Command } from "./Flags.ts"
import { helpData } from "./Help.ts"
import type { Host, Sink } from "./Host.ts"
import type { Settings } from "./internal/config.ts"
import { publicCommands, refusalOf } from "./internal/publicCommands.ts"
import { asAnswerOf, problemOf } from "./main.ts"
import { parse } from "./Parse.ts"
import { programs } from "./Programs.ts"
import type { Session } from "./Session.ts"

const silent: Sink = { isTerminal: false, columns: 80, write: () => Promise.resolve() }

const nothing = () => Promise.reject(new Error("a guest's command has no machine of its own"))

/** A host without a machine: what a command of a caller may use is the house that runs it, and nothing else. */
const guestHost = (host: Host, { argv, exchange, signal }: CommandCall): Host => ({
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
  interruption: signal,
  openEmbedded: () => Promise.resolve({ exchange, close: () => Promise.resolve() }),
  processId: 0,
  isRunning: () => false,
  openFile: () => Promise.resolve(false),
  loadServer: nothing
})

const settings: Settings = {
  baseUrl: null,
  baseUrlFrom: null,
  token: Option.none(),
  tokenFrom: null,
  saved: Option.none(),
  dataDirectory: "/nonexistent",
  configPath: "/nonexistent",
  warnings: []
}

const tooLong = fail("TIMEOUT", `The command was still running after ${limits.commandMillisMax} ms; its job goes on`, {
  recovery: { suggested_command: "image-skill jobs list --json" }
})

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

const perform = async (host: Host, name: WorkingCommand["name"], given: Arguments): Promise<Ran> => {
  const program = await programs[name]()
  const warnings = Ref.unsafeMake<ReadonlyArray<string>>([])
  const session: Session = {
    ...{ host, name, given, settings, style: "json", isGuest: true },
    // It waits as a client of a server does: within the server's window.
    client: { ...makeClient(host, settings), mode: "remote" },
    warn: (message) => Ref.update(warnings, (all) => [...all, message]),
    report: () => Effect.void,
    afterAnswer: () => Effect.void,
    setInFlight: () => Effect.void
  }
  const run = program(session).pipe(
    Effect.catchTag("Refused", ({ reply }) => Effect.succeed(reply)),
    Effect.timeoutFail({ duration: limits.commandMillisMax, onTimeout: () => null }),
    Effect.catchAll((error) => (error === null ? tooLong : Effect.fail(error)))
  )
  const exit = await Effect.runPromiseExit(run, { signal: host.interruption })
  const answer = Exit.match(exit, {
    onSuccess: (value) => value,
    onFailure: (cause): Answer => {
      const failure = Cause.failureOption(cause)
      if (Option.isSome(failure)) return refusal(name, problemOf(failure.value))
      return Cause.isInterruptedOnly(cause)
        ? refusal(name, early("INTERRUPTED", "The caller hung up before the answer was here"))
        : crash(name)
    }
  })
  if (Exit.isFailure(exit) && answer.exitCode === 1) throw Cause.squash(exit.cause)
  return {
    answer: asAnswerOf(name, answer, Effect.runSync(Ref.get(warnings))),
    status: "status" in answer && typeof answer.status === "number" ? answer.status : null
  }
}

const isWorking = (name: string): name is WorkingCommand["name"] => working.some((command) => command.name === name)

const isPublic = ({ name }: Command) => publicCommands.includes(name)

const own = (answer: Answer): Ran => ({ answer, status: null })

const answer = (host: Host, call: CommandCall): Ran | Promise<Ran> => {
  const [first, ...rest] = call.argv
  const parsed = parse(first === "image-skill" ? rest : call.argv)
  switch (parsed.kind) {
    case "help":
      return own(success("help", helpData(parsed.command)))
    case "version":
      return own(success("version", { name: "image-skill", version: host.version }))
    case "refused":
      return own(refusal(parsed.words, parsed.problem))
    case "run": {
      const { command, given } = parsed
      const problem = refusalOf(command, given)
      if (problem !== null || !isWorking(command.name) || !isPublic(command)) {
        return own(refusal(command.name, problem ?? early("INTERNAL", "the command has no program")))
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
  run: async (call) => {
    try {
      return wire(await answer(host, call))
    } catch (defect) {
      const named = crash("")
      await host.stderr.write(describeDefect(defect, host.environment))
      return wire(own(named))
    }
  }
})
