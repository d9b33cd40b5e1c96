import { Clock, Effect, Option } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import { Call, warn } from "../kernel/Call.ts"
import { type Failure, fail, failure } from "../kernel/Errors.ts"
import { Ids } from "../kernel/Ids.ts"
import { canonical, type JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { quoted } from "../kernel/Quote.ts"
import { sha256 } from "../kernel/Sha256.ts"
import { isoOf } from "../kernel/Time.ts"
import { type StorageUnavailable, Transaction } from "../kernel/Transaction.ts"
import { FeedbackQueue, type QueueOutcome } from "./FeedbackQueue.ts"
import { FeedbackStore, type RepeatKey } from "./FeedbackStore.ts"
import { createdEvent, processedEvent, queueJson } from "./internal/events.ts"
import { lacksOf, levelOf, qualityJson } from "./Quality.ts"
import { mapSaid, outgoing, withoutSecrets } from "./Redaction.ts"
import { knownWords, type Signal } from "./Signal.ts"

/** What a caller says. Null where they left it to us. */
export interface FeedbackRequest
  extends Pick<Signal, "said" | "source" | "surface" | "evidence" | "aboutTraceId" | "dedupeKey" | "idempotencyKey"> {
  readonly type: string | null
  readonly severity: Signal["severity"] | null
  readonly confidence: Signal["confidence"] | null
  readonly nextState: string | null
  /** Takes also what has no title or no body. */
  readonly allowWeakSignal: boolean
}

export type FeedbackFailure = Failure<"INVALID_ARGUMENTS" | "IDEMPOTENCY_CONFLICT"> | StorageUnavailable

/** Keeps what agents say of the product, and hands it on to the queue of those who mend. */
export class Feedback extends Effect.Service<Feedback>()("@image-skill/core/Feedback", {
  effect: Effect.gen(function* () {
    const ids = yield* Ids
    const store = yield* FeedbackStore
    const queue = yield* FeedbackQueue
    const activity = yield* ActivityLog
    const transaction = yield* Transaction

    /** The kept feedback that this request repeats, as its answer. */
    const repeated = Effect.fn("Feedback.repeated")(function* (actor: Actor, request: FeedbackRequest, hash: string) {
      const organization = organizationOf(actor)
      for (const key of keysOf(request)) {
        const found = Option.getOrNull(yield* store.findRepeated(organization, key))
        if (found === null) continue
        const { outcome, signal } = found
        if (key.kind === "dedupe") return Option.some(answer(signal, outcome, { deduplicated: true }))
        if (signal.requestHash !== hash) return yield* conflict(key.key, signal)
        return Option.some(answer(signal, outcome, { deduplicated: false, idempotent_replay: true }))
      }
      return Option.none<JsonObject>()
    })

    /** Offers it to the queue, and keeps the outcome with its event: once, whoever else does the same. */
    const offer = Effect.fn("Feedback.offer")(function* (signal: Signal) {
      const outcome = yield* queue.offer(outgoing(signal))
      const eventId = yield* ids.event
      const now = yield* Clock.currentTimeMillis
      const isFirst = store.offered(signal.id, outcome)
      const event = activity.append([processedEvent(signal, outcome, eventId, now)])
      yield* transaction.run(Effect.flatMap(isFirst, (first) => (first ? event : Effect.void)))
      return outcome
    })

    const offered = (signal: Signal): Effect.Effect<QueueOutcome | null> =>
      Effect.catchAll(offer(signal), (error) =>
        Effect.as(Effect.logWarning(`feedback ${signal.id} is offered again later: ${error.message}`), null)
      )

    /** Offers what a process left that died, or whose queue was away. */
    const offerLeft = Effect.fn("Feedback.offerLeft")(function* (most: number) {
      const before = (yield* Clock.currentTimeMillis) - limits.feedbackOfferMillis
      yield* Effect.forEach(yield* store.toOffer(before, most), offered, { discard: true })
    })

    const create = Effect.fn("Feedback.create")(function* (
      actor: Actor,
      received: FeedbackRequest
    ): Effect.fn.Return<JsonObject, FeedbackFailure, Call> {
      const request = clean(received)
      if (canonical(wordsOf(request)) !== canonical(wordsOf(received))) {
        yield* warn("what looked like a token or a key was removed and is not kept: revoke it if it is in use")
      }
      yield* checkSaid(request)
      yield* warn(...unknownWords(request))
      const hash = yield* sha256(new TextEncoder().encode(canonical(hashable(request))))
      const known = yield* repeated(actor, request, hash)
      if (Option.isSome(known)) return known.value
      const signal = yield* signalOf(actor, request, hash)
      const eventId = yield* ids.event
      const event = activity.append([createdEvent(signal, levelOf(signal), eventId)])
      const isKept = yield* transaction.run(Effect.tap(store.insert(signal), (first) => (first ? event : Effect.void)))
      if (isKept) return answer(signal, yield* offered(signal), { deduplicated: false })
      // Another call with a key of this one was faster.
      const other = yield* repeated(actor, request, hash)
      return Option.isSome(other) ? other.value : yield* Effect.dieMessage("a key that is taken is found")
    })

    const signalOf = Effect.fnUntraced(function* (actor: Actor, request: FeedbackRequest, requestHash: string) {
      const { allowWeakSignal: _, ...rest } = request
      const signal: Signal = {
        ...rest,
        id: yield* ids.feedback,
        organizationId: organizationOf(actor),
        agentId: actor.ref.actor_id,
        traceId: (yield* Call).traceId,
        type: request.type ?? "user_feedback",
        severity: request.severity ?? "medium",
        confidence: request.confidence ?? "medium",
        nextState: request.nextState ?? "watch",
        requestHash,
        createdAt: yield* Clock.currentTimeMillis
      }
      return signal
    })

    return { create, offerLeft } as const
  })
}) {}

/** An idempotency key is looked at first: a replay is told as one. */
const keysOf = ({ dedupeKey, idempotencyKey }: FeedbackRequest): ReadonlyArray<RepeatKey> => [
  ...(idempotencyKey === null ? [] : [{ kind: "idempotency", key: idempotencyKey } as const]),
  ...(dedupeKey === null ? [] : [{ kind: "dedupe", key: dedupeKey } as const])
]

const conflict = (key: string, { id }: Signal) =>
  fail("IDEMPOTENCY_CONFLICT", `The idempotency key "${quoted(key)}" belongs to other feedback`, {
    recovery: { fields: ["idempotency_key"], suggested_command: `image-skill activity show ${id} --json` }
  })

const wordsOf = ({ aboutTraceId, evidence, nextState, said, source, surface, type }: FeedbackRequest): JsonObject => ({
  said: { ...said },
  evidence: [...evidence],
  surface: [...surface],
  type,
  nextState,
  source,
  aboutTraceId
})

const hashable = (request: FeedbackRequest): JsonObject => ({
  ...wordsOf(request),
  severity: request.severity,
  confidence: request.confidence,
  dedupeKey: request.dedupeKey,
  allowWeakSignal: request.allowWeakSignal
})

/** Without tokens and keys, which would otherwise be kept for as long as the feedback is. */
const clean = (request: FeedbackRequest): FeedbackRequest => ({
  ...request,
  said: mapSaid(request.said, withoutSecrets),
  source: request.source === null ? null : withoutSecrets(request.source),
  aboutTraceId: request.aboutTraceId === null ? null : withoutSecrets(request.aboutTraceId),
  surface: request.surface.map(withoutSecrets),
  evidence: request.evidence.map(withoutSecrets)
})

/** A title and a body are enough; without them the caller must say that they mean it. */
const checkSaid = (request: FeedbackRequest): Effect.Effect<void, Failure<"INVALID_ARGUMENTS">> => {
  if (levelOf(request) !== "weak") return Effect.void
  const hasWords = [...Object.values(request.said), ...request.evidence].some((text) => (text ?? "").trim() !== "")
  if (request.allowWeakSignal && hasWords) return Effect.void
  const lacks = lacksOf(request).filter(({ field }) => field === "title" || field === "body")
  const names = lacks.map(({ field }) => field)
  const way = hasWords ? ", or allow_weak_signal to leave it as it is" : ""
  return Effect.fail(
    failure("INVALID_ARGUMENTS", `The feedback has no ${names.join(" and no ")}: give ${names.join(" and ")}${way}`, {
      details: {
        issues: lacks.map(({ advice, field }) => ({ path: field, message: `${field} is missing: ${advice}` }))
      },
      recovery: { required_flags: lacks.map(({ flag }) => flag), missing_inputs: names, fields: names }
    })
  )
}

/** Words that we do not sort by yet. They are kept: an agent's word is better than none. */
const unknownWords = ({ nextState, surface, type }: FeedbackRequest): ReadonlyArray<string> => {
  const told = (field: string, word: string, known: ReadonlyArray<string>) =>
    known.includes(word) ? [] : [`${field} "${quoted(word)}" is kept, and not one of ours: ${known.join(", ")}`]
  return [
    ...(type === null ? [] : told("type", type, knownWords.type)),
    ...(nextState === null ? [] : told("next_state", nextState, knownWords.next_state)),
    ...surface.flatMap((word) => told("surface", word, knownWords.surface))
  ]
}

const answer = (signal: Signal, outcome: QueueOutcome | null, how: JsonObject): JsonObject => ({
  feedback_id: signal.id,
  status: "accepted",
  ...how,
  type: signal.type,
  severity: signal.severity,
  confidence: signal.confidence,
  next_state: signal.nextState,
  surface: [...signal.surface],
  dedupe_key: signal.dedupeKey,
  created_at: isoOf(signal.createdAt),
  quality: qualityJson(signal),
  github_queue: outcome === null ? null : queueJson(outcome),
  next_actions: [{ description: "see what became of it", command: `image-skill activity show ${signal.id} --json` }]
})
