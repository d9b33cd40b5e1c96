/** A command's run, from its settings to its answer. What asks the server one question needs no more than this file. */
import type { JsonObject } from "@image-skill/core/kernel/JsonValue"
import type { TypedDrawing } from "@image-skill/providers/local/likely"
import type { WorkingCommand } from "./Cli.ts"
import { type Connection, connect } from "./Connection.ts"
import { crash, describeDefect } from "./Crash.ts"
import { batch, createAspectRatio } from "./commands/create.ts"
import * as flags from "./commands/request.ts"
import { type Answer, label, type Outcome, type Problem, problemOf, refusal } from "./Envelope.ts"
import { type Arguments, valueOf } from "./Flags.ts"
import type { Host } from "./Host.ts"
import { readSettings, type Settings } from "./internal/config.ts"
import { isRecord, readJson } from "./internal/readJson.ts"
import { rerun } from "./internal/rerun.ts"
import type { Output, Style } from "./Output.ts"
import { programs } from "./Programs.ts"
import type { InFlight, Question } from "./Session.ts"

/** Begins the ids of the models that need no provider. */
const localModel = "local."

export interface Invocation {
  readonly name: WorkingCommand["name"]
  readonly given: Arguments
}

/** A run that has read its settings. */
export interface Run extends Invocation {
  readonly host: Host
  readonly style: Style
  readonly settings: Settings
  readonly connection: Connection
  readonly warn: (message: string) => void
}

/** What a run ends with. */
export interface Ended {
  readonly answer: Answer
  /** Draws the answer's images on a terminal. */
  readonly picture?: string
  /** What broke, where the answer is that something did. */
  readonly defect?: unknown
  /** What is left for after the answer. */
  readonly rest?: () => Promise<void>
}

/** What may be typed again and changes nothing by it: all but a signup, which would make a second agent. */
const again = ({ given, name }: Invocation) => (name === "signup" ? {} : { suggested_command: rerun(name, given, {}) })

export const interrupted = (invocation: Invocation, inFlight: InFlight | null): Problem =>
  inFlight === null
    ? problemOf("INTERRUPTED", "Interrupted before the answer was here", { recovery: again(invocation) })
    : problemOf(
        "INTERRUPTED",
        `Interrupted while ${inFlight.jobId ?? "the request"} was running. Its command takes it up again and pays nothing twice`,
        {
          details: { job_id: inFlight.jobId, recover_command: inFlight.recoverCommand },
          recovery: {
            suggested_command: inFlight.recoverCommand,
            ...(inFlight.idempotencyKey === null ? {} : { idempotency_key: inFlight.idempotencyKey })
          }
        }
      )

/** Whether this is likely to end with a picture that is drawn here: without a model one of ours may be chosen. */
const mayDraw = ({ given, name }: Invocation) =>
  name === "create" &&
  !valueOf(given, flags.dryRun) &&
  !valueOf(given, flags.guide) &&
  (valueOf(given, flags.model) ?? localModel).startsWith(localModel)

/** What a provider that could be chosen before ours reads. */
const settingsOfOthers = /^(FAL|OPENAI|XAI)_/

/** All that a drawing is made from, where it stands in the command and nothing else is likely to come of it. */
const typedDrawing = ({ given, host }: Run): TypedDrawing | null => {
  const typed = valueOf(given, flags.prompt)
  const text = valueOf(given, flags.modelParameters)
  const parameters = text === undefined ? {} : readJson(text)
  const isOurs =
    valueOf(given, flags.model) === `${localModel}procedural` ||
    (valueOf(given, flags.model) === undefined &&
      !Object.keys(host.environment).some((name) => settingsOfOthers.test(name)))
  const isOther =
    (valueOf(given, flags.provider) ?? "local") !== "local" ||
    (valueOf(given, flags.outputCount) ?? 1) !== 1 ||
    // A key may name a job that has its picture.
    [flags.idempotencyKey, flags.promptFile, batch].some((flag) => valueOf(given, flag) !== undefined)
  if (typed === undefined || !isOurs || isOther || !isRecord(parameters)) return null
  return { prompt: typed, aspectRatio: valueOf(given, createAspectRatio), parameters }
}

/** What is wrong with the storage, doctor knows better than the call that met it. */
export const withDoctor = (answer: Answer): Answer => {
  const { error } = answer.envelope
  if (error?.code !== "STORAGE_UNAVAILABLE" || error.recovery !== undefined) return answer
  const recovery = { suggested_command: "image-skill doctor --json" }
  return { ...answer, envelope: { ...answer.envelope, error: { ...error, recovery } } }
}

/** What is wrong with the words and cannot be put right here, the command's help is for. */
const withHelp = (name: string, { code, recovery }: JsonObject): JsonObject => {
  const isObject = typeof recovery === "object" && recovery !== null && !("length" in recovery)
  const given: JsonObject = isObject ? { ...recovery } : {}
  if (code !== "INVALID_ARGUMENTS" || "suggested_command" in given || "suggested_commands" in given) return {}
  return { recovery: { ...given, suggested_command: `${label(name)} --help` } }
}

/** The answer under the name of the command that was typed, with the warnings of both sides. */
export const asAnswerOf = (name: string, answer: Answer, warnings: ReadonlyArray<string>): Answer => ({
  exitCode: answer.exitCode,
  envelope: {
    ...answer.envelope,
    ...(answer.envelope.error === null
      ? {}
      : { error: { ...answer.envelope.error, ...withHelp(name, answer.envelope.error) } }),
    command: label(name),
    warnings: [...new Set([...warnings, ...answer.envelope.warnings])]
  }
})

/** What cannot be stopped is left behind. */
const orInterrupted = <A>(signal: AbortSignal, work: Promise<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(new Error("interrupted"))
    if (signal.aborted) stop()
    signal.addEventListener("abort", stop, { once: true })
    work.then(resolve, reject)
  })

const answerOf = (name: string, outcome: Outcome<Answer>): Answer =>
  outcome.ok ? withDoctor(outcome.value) : refusal(name, outcome.problem)

const ask = async ({ callOf }: Question, { connection, given, host, name }: Run): Promise<Ended> => {
  const call = callOf(given)
  const reply = call.ok ? await orInterrupted(host.interruption, connection.send(call.value, host.interruption)) : call
  return { answer: answerOf(name, reply) }
}

const work = async (run: Run): Promise<Ended> => {
  // Waited for, because a thread begins while this one loads the rest: what is imported next takes it for long.
  if (run.settings.baseUrl === null && mayDraw(run)) await run.host.prepareDrawing?.(typedDrawing(run))
  const runnable = await programs[run.name]()
  return typeof runnable === "function" ? (await import("./main.ts")).runProgram(runnable, run) : ask(runnable, run)
}

/**
 * Runs a command and writes its answer. In embedded mode the process stays until the jobs that it runs have ended; the
 * answer does not wait for that.
 */
export const perform = async (host: Host, invocation: Invocation, style: Style, output: Output): Promise<number> => {
  const { given, name } = invocation
  const warnings: Array<string> = []
  let connection: Connection | undefined
  const begun = async (): Promise<Ended> => {
    const settings = await orInterrupted(host.interruption, readSettings(host, given))
    if (!settings.ok) return { answer: refusal(name, settings.problem) }
    warnings.push(...settings.value.warnings)
    connection = connect(host, settings.value)
    const warn = (message: string) => void warnings.push(message)
    return work({ ...invocation, host, style, settings: settings.value, connection, warn })
  }
  const ended = await begun().catch(
    (defect: unknown): Ended =>
      host.interruption.aborted
        ? { answer: refusal(name, interrupted(invocation, null)) }
        : { answer: crash(name), defect }
  )
  const { answer, defect, picture, rest } = ended
  await output.answer(asAnswerOf(name, answer, warnings), picture)
  if (defect !== undefined) await host.stderr.write(describeDefect(defect, host.environment))
  if (answer.exitCode === 130 && style === "readable") {
    await host.stderr.write("Finishing what was begun; Ctrl-C again leaves it to the next run\n")
  }
  await rest?.()
  // The answer is out: what goes wrong now is for the next run to find, and changes nothing of what was said.
  await connection?.close().catch((problem: unknown) => host.stderr.write(describeDefect(problem, host.environment)))
  return answer.exitCode
}
