import { type Failure, ruleOf } from "@image-skill/core/kernel/Errors"
import { Cause, Effect, Exit, Fiber, Ref } from "effect"
import type { WorkingCommand } from "./Cli.ts"
import { makeClient } from "./Client.ts"
import { crash, describeDefect } from "./Crash.ts"
import { dryRun, guide, model } from "./commands/request.ts"
import { type Answer, early, label, type Problem, refusal } from "./Envelope.ts"
import { type Arguments, valueOf } from "./Flags.ts"
import type { Host } from "./Host.ts"
import { readSettings } from "./internal/config.ts"
import { makeProgress } from "./internal/progress.ts"
import { rerun } from "./internal/rerun.ts"
import type { Output, Style } from "./Output.ts"
import { programs } from "./Programs.ts"
import type { InFlight, Session } from "./Session.ts"

/** Begins the ids of the models that need no provider. */
const localModel = "local."

export interface Invocation {
  readonly name: WorkingCommand["name"]
  readonly given: Arguments
}

export const problemOf = (error: Failure): Problem => {
  const { exit, retryable } = ruleOf(error.code)
  // Where the code's rule is "per case", the failure says which case it is.
  const isRetryable = error.details?.retryable
  return {
    code: error.code,
    message: error.message,
    exitCode: exit,
    retryable: typeof isRetryable === "boolean" ? isRetryable : retryable,
    ...(error.details === undefined ? {} : { details: error.details }),
    ...(error.recovery === undefined ? {} : { recovery: error.recovery })
  }
}

/** What may be typed again and changes nothing by it: all but a signup, which would make a second agent. */
const again = ({ given, name }: Invocation) => (name === "signup" ? {} : { suggested_command: rerun(name, given, {}) })

const interrupted = (invocation: Invocation, inFlight: InFlight | null): Problem =>
  inFlight === null
    ? early("INTERRUPTED", "Interrupted before the answer was here", {
        recovery: again(invocation)
      })
    : early(
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
  !valueOf(given, dryRun) &&
  !valueOf(given, guide) &&
  (valueOf(given, model) ?? localModel).startsWith(localModel)

/** What is wrong with the storage, doctor knows better than the call that met it. */
const withDoctor = (answer: Answer): Answer => {
  const { error } = answer.envelope
  if (error?.code !== "STORAGE_UNAVAILABLE" || error.recovery !== undefined) return answer
  const recovery = { suggested_command: "image-skill doctor --json" }
  return { ...answer, envelope: { ...answer.envelope, error: { ...error, recovery } } }
}

/** The answer under the name of the command that was typed, with the warnings of both sides. */
export const asAnswerOf = (name: string, answer: Answer, warnings: ReadonlyArray<string>): Answer => ({
  exitCode: answer.exitCode,
  envelope: {
    ...answer.envelope,
    command: label(name),
    warnings: [...new Set([...warnings, ...answer.envelope.warnings])]
  }
})

/**
 * Runs a command's program and writes its answer. In embedded mode the process stays until the jobs that it runs have
 * ended; the answer does not wait for that.
 */
export const perform = async (host: Host, { name, given }: Invocation, style: Style, output: Output) => {
  const program = await programs[name]()
  const [warnings, inFlight] = [Ref.unsafeMake<ReadonlyArray<string>>([]), Ref.unsafeMake<InFlight | null>(null)]
  const progress = makeProgress(host, style)
  const warn = (message: string) => Ref.update(warnings, (all) => [...all, message])
  let close = () => Promise.resolve()
  let picture = ""
  let rest: Effect.Effect<void> = Effect.void

  const run = Effect.gen(function* () {
    const settings = yield* readSettings(host, given)
    yield* Effect.forEach(settings.warnings, warn)
    if (settings.baseUrl === null && mayDraw({ name, given })) host.prepareDrawing?.()
    const client = makeClient(host, settings)
    close = client.close
    const session: Session = {
      ...{ host, name, given, settings, client, style, warn },
      report: progress.report,
      afterAnswer: (work) => Effect.sync(() => void (rest = Effect.zipRight(rest, work))),
      setInFlight: (value) => Ref.set(inFlight, value)
    }
    const answer = yield* program(session)
    if (style === "readable") {
      const { previewOf } = yield* Effect.promise(() => import("./internal/preview.ts"))
      picture = yield* previewOf(session, answer)
    }
    return answer
  }).pipe(Effect.catchTag("Refused", ({ reply }) => Effect.succeed<Answer>(withDoctor(reply))))

  const ticking = Effect.runFork(progress.tick)
  const exit = await Effect.runPromiseExit(run, { signal: host.interruption })
  await Effect.runPromise(Fiber.interrupt(ticking))
  const answer = Exit.match(exit, {
    onSuccess: (value) => value,
    onFailure: (cause) => {
      const failure = Cause.failureOption(cause)
      if (failure._tag === "Some") return refusal(name, problemOf(failure.value))
      return Cause.isInterruptedOnly(cause)
        ? refusal(name, interrupted({ name, given }, Effect.runSync(Ref.get(inFlight))))
        : crash(name)
    }
  })
  await output.answer(asAnswerOf(name, answer, Effect.runSync(Ref.get(warnings))), picture)
  if (Exit.isFailure(exit) && answer.exitCode === 1) {
    await host.stderr.write(describeDefect(Cause.squash(exit.cause), host.environment))
  }
  if (answer.exitCode === 130 && style === "readable") {
    await host.stderr.write("Finishing what was begun; Ctrl-C again leaves it to the next run\n")
  }
  await Effect.runPromise(rest)
  // The answer is out: what goes wrong now is for the next run to find, and changes nothing of what was said.
  await close().catch((defect: unknown) => host.stderr.write(describeDefect(defect, host.environment)))
  return answer.exitCode
}
