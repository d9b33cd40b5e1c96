/** Where the programs that are Effects are run: the only file of the CLI that a question to a server does not load. */
import { Cause, Effect, Exit, Fiber } from "effect"
import { clientOf } from "./Client.ts"
import { crash } from "./Crash.ts"
import { type Answer, refusal } from "./Envelope.ts"
import { makeProgress } from "./internal/progress.ts"
import { type Ended, interrupted, type Run, withDoctor } from "./Perform.ts"
import type { InFlight, Program, Session } from "./Session.ts"

/** Runs a program to its end, or to the first Ctrl-C. */
export const runProgram = async (program: Program, run: Run): Promise<Ended> => {
  const { connection, host, name, style } = run
  const progress = makeProgress(host, style)
  let inFlight: InFlight | null = null
  let rest: Effect.Effect<void> = Effect.void
  let picture = ""
  const session: Session = {
    ...run,
    client: clientOf(connection),
    warn: (message) => Effect.sync(() => run.warn(message)),
    report: progress.report,
    afterAnswer: (work) => Effect.sync(() => void (rest = Effect.zipRight(rest, work))),
    setInFlight: (value) => Effect.sync(() => void (inFlight = value))
  }
  const running = Effect.gen(function* () {
    const answer = yield* program(session)
    if (style === "readable") {
      const { previewOf } = yield* Effect.promise(() => import("./internal/preview.ts"))
      picture = yield* previewOf(session, answer)
    }
    return answer
  }).pipe(Effect.catchTag("Refused", ({ reply }) => Effect.succeed<Answer>(withDoctor(reply))))

  const ticking = Effect.runFork(progress.tick)
  const exit = await Effect.runPromiseExit(running, { signal: host.interruption })
  await Effect.runPromise(Fiber.interrupt(ticking))
  const ended = { picture, rest: () => Effect.runPromise(rest) }
  if (Exit.isSuccess(exit)) return { ...ended, answer: exit.value }
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "Some") return { ...ended, answer: refusal(name, failure.value) }
  return Cause.isInterruptedOnly(exit.cause)
    ? { ...ended, answer: refusal(name, interrupted(run, inFlight)) }
    : { ...ended, answer: crash(name), defect: Cause.squash(exit.cause) }
}
