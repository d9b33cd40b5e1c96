/** One item of a batch, to its end: it never fails, and says what became of it. */
import { type ErrorCode, errorTable, Failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect, Ref } from "effect"
import type { Refused, Reply } from "../Client.ts"
import type { Session } from "../Session.ts"
import { note } from "./batchJournal.ts"
import { failureJson, type PricedItem } from "./batchPlan.ts"
import { writeOutputs } from "./destination.ts"
import { objectIn, objectsIn, textIn } from "./fields.ts"
import { sendAndFollow } from "./sending.ts"

export interface ItemResult {
  readonly id: string
  readonly status: "completed" | "running" | "failed" | "not_started"
  readonly jobId: string | null
  /** What was debited; null while nobody knows. */
  readonly credits: number | null
  readonly assetIds: ReadonlyArray<string>
  readonly files: ReadonlyArray<string>
  /** It was paid for by a run before. */
  readonly isReplay: boolean
  readonly error: JsonObject | null
  readonly code: ErrorCode | null
  /** The batch, taken up again, may do better. */
  readonly isWorthRepeating: boolean
}

const nothing = {
  jobId: null,
  credits: null,
  assetIds: [],
  files: [],
  isReplay: false,
  error: null,
  code: null,
  isWorthRepeating: true
} as const

const isKnownCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code)

const finished = (id: string, { envelope: { data }, status }: Reply): ItemResult => {
  const settled = objectIn(data, "cost").settled_credits
  const texts = (rows: ReadonlyArray<JsonObject>, name: string) => rows.flatMap((row) => textIn(row, name) ?? [])
  return {
    ...nothing,
    id,
    status: status === 202 ? "running" : "completed",
    jobId: textIn(data ?? {}, "job_id"),
    credits: typeof settled === "number" ? settled : null,
    assetIds: texts(objectsIn(data, "assets"), "asset_id"),
    files: texts(objectsIn(data, "output_files"), "path"),
    isReplay: data?.idempotent_replay === true
  }
}

const errorOf = (error: Failure | Refused): JsonObject =>
  error instanceof Failure
    ? { ...failureJson(error), ...(error.details === undefined ? {} : { details: error.details }) }
    : (error.reply.envelope.error ?? {})

const failed = (id: string, error: JsonObject): ItemResult => {
  const code = textIn(error, "code") ?? ""
  const details = objectIn(error, "details")
  const settled = objectIn(details, "money").settled
  return {
    ...nothing,
    id,
    status: "failed",
    jobId: textIn(details, "job_id"),
    credits: typeof settled === "number" ? settled : 0,
    error: { code, message: error.message ?? null, retryable: error.retryable === true },
    code: isKnownCode(code) ? code : "INTERNAL",
    isWorthRepeating: error.retryable === true || code === "QUOTA_EXCEEDED"
  }
}

/** Refusals that every item after this one would meet too. */
const stopping: ReadonlySet<string> = new Set<ErrorCode>([
  "AUTH_REQUIRED",
  "TOKEN_INVALID",
  "TOKEN_REVOKED",
  "QUOTA_EXCEEDED",
  "HOSTED_API_REQUEST_FAILED",
  "STORAGE_UNAVAILABLE"
])

const endedBadly: ReadonlySet<string> = new Set<ErrorCode>(["PROVIDER_FAILURE", "PROVIDER_UNAVAILABLE"])

/**
 * The job has ended badly and its key with it: what may be tried again needs another one. Not while money of it is
 * held: its end is then not certain.
 */
const isFinalUnderKey = (error: JsonObject) => {
  const details = objectIn(error, "details")
  const isHeld = (objectIn(details, "money").held ?? 0) !== 0
  const isJob = textIn(details, "job_id") !== null
  return endedBadly.has(textIn(error, "code") ?? "") && error.retryable === true && isJob && !isHeld
}

export const makeItem = (
  session: Session,
  batchId: string,
  { destination, request }: PricedItem,
  stopped: Ref.Ref<boolean>
): Effect.Effect<ItemResult> =>
  Effect.gen(function* () {
    const { body, id, key } = request
    if (yield* Ref.get(stopped)) return { ...nothing, id, status: "not_started" } satisfies ItemResult
    const remember = (status: "completed" | "failed") =>
      Effect.catchAll(note(session.settings, batchId, key, status), (reason) =>
        session.warn(`What became of the batch's items could not be kept in its journal: ${reason}`)
      )
    // Many run at once: the batch as a whole says what is in flight, and how far it is.
    const quiet: Session = { ...session, setInFlight: () => Effect.void, report: () => Effect.void }
    const sending = {
      path: "/v1/create",
      body: { ...body, idempotency_key: key },
      idempotencyKey: key,
      recoverCommand: ""
    }
    const sent = sendAndFollow(quiet, sending, "end").pipe(
      Effect.tap((reply) => (reply.status === 202 ? Effect.void : remember("completed"))),
      Effect.flatMap((reply) => writeOutputs(quiet, reply, destination)),
      Effect.map((reply) => finished(id, reply))
    )
    return yield* Effect.catchAll(sent, (cause) =>
      Effect.gen(function* () {
        const error = errorOf(cause)
        if (isFinalUnderKey(error)) yield* remember("failed")
        if (stopping.has(textIn(error, "code") ?? "")) yield* Ref.set(stopped, true)
        return failed(id, error)
      })
    )
  })
