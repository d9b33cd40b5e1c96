/** A paid request on its way: announced before it is sent, followed to its end, and found again whatever happens. */
import { type ErrorCode, Failure, fail } from "@image-skill/core/kernel/Errors"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import { Clock, Effect } from "effect"
import { type Call, type Refused, type Reply, waitingMillisMax } from "../Client.ts"
import * as flags from "../commands/request.ts"
import { label } from "../Envelope.ts"
import { valueOf } from "../Flags.ts"
import type { Session } from "../Session.ts"
import { drop, pickUp } from "./breadcrumbs.ts"
import { objectIn, textIn } from "./fields.ts"
import { rerun } from "./rerun.ts"

export interface Sending {
  readonly path: string
  readonly body: JsonObject
  readonly idempotencyKey: string
  readonly recoverCommand: string
}

/** `end` waits for the job whatever it takes, `window` as long as the server does, `none` not at all. */
export type Patience = "end" | "window" | "none"

/** How long to wait, by the flags. With files to write, and in this process, the end is what is needed. */
export const patienceOf = (session: Session): Effect.Effect<Patience, Failure<"INVALID_ARGUMENTS">> => {
  const { client, given } = session
  const [isWaiting, isNotWaiting] = [valueOf(given, flags.wait), valueOf(given, flags.noWait)]
  const hasOutput = valueOf(given, flags.output) !== undefined
  const other = isWaiting ? "--wait" : hasOutput ? "--output" : null
  if (isNotWaiting && other !== null) {
    const why = isWaiting ? "they say the opposite" : "there would be nothing to write yet"
    return fail("INVALID_ARGUMENTS", `--no-wait and ${other} cannot be used together: ${why}`, {
      recovery: {
        suggested_command: rerun(session.name, given, { [flags.noWait.name]: [] }),
        fields: ["--no-wait", other]
      }
    })
  }
  if (isNotWaiting) return Effect.succeed("none")
  return Effect.succeed(isWaiting || hasOutput || client.mode === "embedded" ? "end" : "window")
}

/** A job that takes longer tells its id first: who interrupts us then learns it. */
const firstWaitMillis = 500

/** An agent's own process may well be shorter than this; the job is not tied to it. */
const followMillisMax = 10 * 60 * 1000

/** A server that does not wait with us is not asked more often than this. */
const pauseMillisMin = 500

/** A server's word on how long to stay away is taken within reason. */
const pauseMillisMax = 30_000

const pauseOf = (seconds: Json | undefined) =>
  typeof seconds === "number" ? Math.min(Math.max(seconds * 1000, pauseMillisMin), pauseMillisMax) : pauseMillisMin

/** One more window. Being told to slow down is no end: the job that we follow goes on. Null then. */
const askAgain = (session: Session, call: Call): Effect.Effect<Reply | null, Failure | Refused> =>
  session.client.ask(call).pipe(
    Effect.catchTag("Refused", (refused) => {
      const error = refused.reply.envelope.error ?? {}
      const { retry_after_seconds: seconds } = objectIn(error, "recovery")
      return textIn(error, "code") === "RATE_LIMITED" ? Effect.as(Effect.sleep(pauseOf(seconds)), null) : refused
    })
  )

/** The answer as the first one: that it was asked for again under its key is our doing, and no replay to the caller. */
const asFirst = (reply: Reply, first: Reply): Reply => {
  const { data } = reply.envelope
  if (data?.idempotent_replay === undefined || first.envelope.data?.idempotent_replay !== undefined) return reply
  const { idempotent_replay: _, ...own } = data
  return { ...reply, envelope: { ...reply.envelope, data: own } }
}

/**
 * Sends the request, and follows a job that outlasts a waiting window by sending it again under its key, which pays
 * nothing twice.
 */
export const sendAndFollow = (session: Session, sending: Sending, patience: Patience) =>
  Effect.gen(function* () {
    const { body, idempotencyKey, path, recoverCommand } = sending
    const call = { method: "POST", path, body, timeoutMillis: waitingMillisMax } as const
    const until = (yield* Clock.currentTimeMillis) + followMillisMax
    const firstWait = patience === "none" ? 0 : firstWaitMillis
    const first = yield* session.client.ask({ ...call, body: { ...body, wait_ms: firstWait } })
    let reply = first
    if (patience === "none") return reply
    while (reply.status === 202 && (yield* Clock.currentTimeMillis) < until) {
      yield* session.report(`${session.name}: still running`)
      const jobId = textIn(reply.envelope.data ?? {}, "job_id")
      yield* session.setInFlight({ idempotencyKey, recoverCommand, jobId })
      const since = yield* Clock.currentTimeMillis
      reply = (yield* askAgain(session, call)) ?? reply
      if (patience === "window") break
      const left = since + pauseMillisMin - (yield* Clock.currentTimeMillis)
      if (reply.status === 202 && left > 0) yield* Effect.sleep(left)
    }
    return asFirst(reply, first)
  })

/** Says on disk and on stderr how to take the request up again, before it is sent: whoever kills us may do so then. */
const announce = (session: Session, { idempotencyKey, recoverCommand }: Sending) =>
  Effect.gen(function* () {
    const { host, settings } = session
    if (session.isGuest === true) return
    yield* session.setInFlight({ idempotencyKey, recoverCommand, jobId: null })
    yield* drop(settings, {
      version: 1,
      command: label(session.name),
      idempotency_key: idempotencyKey,
      recover_command: recoverCommand,
      working_directory: host.workingDirectory,
      api_base_url: settings.baseUrl?.href ?? null,
      process_id: host.processId,
      started_at_ms: yield* Clock.currentTimeMillis
    }).pipe(
      Effect.catchAll((reason) =>
        session.warn(`The command that recovers this run is on stderr only; it could not be kept: ${reason}`)
      )
    )
    if (session.style === "readable") return
    const line = {
      in_flight: { command: label(session.name), idempotency_key: idempotencyKey, recover_command: recoverCommand }
    }
    yield* Effect.promise(() => host.stderr.write(`${JSON.stringify(line)}\n`))
  })

const wasSent = (error: Failure) => error.details?.sent !== false

/** Out of reach after sending is not the same as not done: the same key asks what became of it. */
const withRecovery = (error: Failure, { idempotencyKey, recoverCommand }: Sending): Failure =>
  error.code === "HOSTED_API_REQUEST_FAILED"
    ? new Failure({
        code: error.code,
        message: wasSent(error)
          ? `${error.message}. The request may have been accepted: the same command with its key finds out and pays nothing twice`
          : `${error.message}. Nothing was sent`,
        ...(error.details === undefined ? {} : { details: error.details }),
        recovery: { suggested_command: recoverCommand, idempotency_key: idempotencyKey }
      })
    : error

/** Refusals that may be followed by another answer under the same key. */
const undecided: ReadonlySet<string> = new Set<ErrorCode>([
  "INTERNAL",
  "STORAGE_UNAVAILABLE",
  "ARTIFACT_STORAGE_WRITE_FAILED"
])

const isDecided = (error: Failure | Refused): boolean =>
  error._tag === "Failure" ? !wasSent(error) : !undecided.has(textIn(error.reply.envelope.error ?? {}, "code") ?? "")

/** Sends what is paid for. Once its outcome is known, and told, nothing of it is left on disk. */
export const send = (session: Session, sending: Sending, patience: Patience): Effect.Effect<Reply, Failure | Refused> =>
  Effect.gen(function* () {
    const forget = session.afterAnswer(pickUp(session.settings, sending.idempotencyKey))
    yield* session.report(session.name)
    yield* announce(session, sending)
    const reply = yield* sendAndFollow(session, sending, patience).pipe(
      Effect.tapError((error) => (isDecided(error) ? forget : Effect.void)),
      Effect.mapError((error) => (error._tag === "Failure" ? withRecovery(error, sending) : error))
    )
    // A running job whose end was wanted is not done: its images are still to be written.
    if (reply.status !== 202 || patience !== "end") yield* forget
    return reply
  })
