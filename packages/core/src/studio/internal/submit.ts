import { Clock, Duration, Effect, Option } from "effect"
import { collect } from "../../assets/ResultSpool.ts"
import type { Model } from "../../catalog/Model.ts"
import type { Attempt } from "../../jobs/Job.ts"
import { passed } from "../../kernel/Checkpoint.ts"
import type { AttemptId } from "../../kernel/Ids.ts"
import type { Json, JsonObject } from "../../kernel/Json.ts"
import { limits } from "../../kernel/Limits.ts"
import { countWork } from "../../kernel/Metrics.ts"
import { zeroTicks } from "../../kernel/Money.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import {
  type Adapter,
  type ProviderCall,
  type ProviderError,
  type SpooledReply,
  type Submission
} from "../../provider/Provider.ts"
import { askOnce, guarded, lostAnswer } from "./asking.ts"
import { makeCalls } from "./calls.ts"
import type { Move } from "./move.ts"
import { jobErrorOf } from "./providerFailure.ts"
import { billedRefusals } from "./refusals.ts"
import { mayRepeat, repeatPatch } from "./repeats.ts"
import { asRequest } from "./requests.ts"
import { type Room, roomFor, tooFull } from "./room.ts"
import type { Run, Services, Stale } from "./run.ts"

/** What this process was told and could not write down yet: it is not lost while the process lives. */
export interface InHand {
  readonly replies: Map<AttemptId, SpooledReply>
  /** Claimed attempts whose reply lies on the spool: that is where the next process looks, and no row need say it. */
  readonly spooled: Set<AttemptId>
  readonly handles: Map<AttemptId, Json>
}

interface Refusal {
  readonly code: string
  readonly message: string
  readonly details?: JsonObject | undefined
}

/** How an attempt fails: by what the provider said, or by what it did not. */
export const makeFailing = (move: Move) => {
  const failedWith = (run: Run, attempt: Attempt, error: ProviderError) =>
    move(run, attempt, error.reason === "outcome_unknown" ? "lost" : "refused", {
      patch: { error: jobErrorOf(error) },
      exposed: error.billed === "no" ? zeroTicks : attempt.worstCost,
      refused: billedRefusals(error, attempt.outputs)
    })
  const refuse = (run: Run, attempt: Attempt, { code, details, message }: Refusal) =>
    move(run, attempt, "refused", {
      patch: { error: { code, message, ...(details === undefined ? {} : { details }) } }
    })
  return { failedWith, refuse } as const
}

/** Gets an attempt from its plan to a handle or a spooled reply. `None`: it cannot go on now; look again later. */
export const makeSubmit = (services: Services, move: Move, inHand: InHand, room: Room) => {
  const { isClosing, jobs, refusals, spool, providers } = services
  const callOf = makeCalls(services)
  const { failedWith, refuse } = makeFailing(move)

  /** The reply is in hand: spool it, then say so. The disk's failure does not lose what memory has. */
  const keep = Effect.fnUntraced(function* (run: Run, attempt: Attempt, reply: SpooledReply) {
    inHand.replies.set(attempt.id, reply)
    yield* passed("collected")
    const { modelId, providerId } = run.job
    const at = yield* Clock.currentTimeMillis
    yield* countWork(providerId ?? "none", modelId ?? "none", at - (attempt.claimedAt ?? at))
    const isSpooled = yield* spool.write(attempt.id, reply).pipe(
      spanned("ResultSpool.write", {
        attributes: { "image_skill.bytes": reply.bytes.length }
      }),
      Effect.as(true),
      Effect.catchAll((error) =>
        Effect.as(Effect.logWarning(`a reply is kept in memory only: ${error.message}`), false)
      )
    )
    yield* passed("spooled")
    // Submitted work is asked for again, not looked for on the spool: there the row must say that the answer came.
    const isFoundAgain = isSpooled && attempt.phase === "claimed"
    if (isFoundAgain) inHand.spooled.add(attempt.id)
    const next = isFoundAgain
      ? attempt
      : yield* Effect.tapErrorTag(move(run, attempt, "replied"), "Stale", () => keepLate(attempt, reply))
    yield* passed("replied")
    return next
  }, spanned("Attempt.keep"))

  /** It came after another run had ended the attempt: kept for the operator. */
  const keepLate = (attempt: Attempt, { bytes, contentType }: SpooledReply) =>
    Effect.gen(function* () {
      const details = { content_type: contentType, bytes: bytes.length }
      yield* jobs.keepLate(attempt.id, "replied", details, yield* Clock.currentTimeMillis)
      inHand.replies.delete(attempt.id)
      inHand.spooled.delete(attempt.id)
    })

  /** The provider took the work: from now on it is followed. */
  const accepted = Effect.fnUntraced(function* (run: Run, attempt: Attempt, handle: Json) {
    inHand.handles.set(attempt.id, handle)
    const submitted = yield* move(run, attempt, "accepted", { patch: { handle } })
    inHand.handles.delete(attempt.id)
    yield* passed("submitted")
    return submitted
  }, spanned("Attempt.accepted"))

  const submit = Effect.fnUntraced(function* (
    run: Run,
    attempt: Attempt,
    adapter: Adapter,
    call: ProviderCall,
    patienceMillis: number
  ) {
    const answer = yield* guarded(answerTo(adapter.submit(call))).pipe(
      Effect.timeoutFail({
        duration: Duration.millis(Math.max(0, patienceMillis)),
        onTimeout: () => lostAnswer("the provider did not answer before the deadline")
      }),
      asRequest(run, "submit"),
      Effect.either
    )
    if (answer._tag === "Left") return yield* failedWith(run, attempt, answer.left)
    if (answer.right._tag === "Replied") return yield* keep(run, attempt, answer.right.reply)
    return adapter.poll === undefined
      ? yield* failedWith(run, attempt, lostAnswer("the provider plugin takes work and cannot be asked after it"))
      : yield* accepted(run, attempt, answer.right.handle)
  }, spanned("Attempt.submit"))

  /** Whether the call may still be made: asked when its turn has come, which can be long after it was wanted. */
  const stopped = Effect.fnUntraced(function* (run: Run, attempt: Attempt) {
    if (attempt.phase !== "planned") return null
    if (yield* jobs.cancelRequested(run.job.id)) return yield* move(run, attempt, "canceled")
    if ((yield* Clock.currentTimeMillis) >= run.job.deadlineAt) {
      return yield* refuse(run, attempt, {
        code: "PROVIDER_UNAVAILABLE",
        message: "the deadline passed before the request was sent"
      })
    }
    const refusal = attempt.worstCost > 0 ? yield* refusals.refusalOf(run.job.organizationId) : null
    return refusal === null ? null : yield* refuse(run, attempt, refusal)
  }, spanned("Attempt.stopped"))

  /** From the row that says so to the provider's answer. A call that is made again has all its time again. */
  const send = Effect.fnUntraced(function* (
    run: Run,
    attempt: Attempt,
    model: Model,
    adapter: Adapter,
    call: ProviderCall
  ) {
    const now = yield* Clock.currentTimeMillis
    const claimed = yield* move(run, attempt, "claim", { patch: { claimedAt: now, ...repeatPatch(attempt, now) } })
    yield* passed("claimed")
    const patienceMillis = attempt.phase === "planned" ? run.job.deadlineAt - now : model.deadlineMillis
    return yield* submit(run, claimed, adapter, call, patienceMillis)
  }, spanned("Attempt.send"))

  const claim = Effect.fnUntraced(function* (run: Run, attempt: Attempt) {
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    if (model === undefined) {
      const message = "the model is not in the catalogue any more"
      return Option.some(yield* refuse(run, attempt, { code: "MODEL_NOT_FOUND", message }))
    }
    const provider = yield* Effect.either(providers.get(model.provider))
    if (provider._tag === "Left") return Option.some(yield* refuse(run, attempt, provider.left))
    const turnCame = yield* run.elsewhere.begin
    return yield* provider.right.inTurn(
      Effect.gen(function* () {
        yield* turnCame
        if (isClosing()) return Option.none<Attempt>()
        const instead = yield* stopped(run, attempt)
        if (instead !== null) return Option.some(instead)
        const call = yield* Effect.either(callOf(run.job, attempt))
        if (call._tag === "Left") {
          // A store that is away comes back; an image that is gone does not.
          return call.left.code === "STORAGE_UNAVAILABLE"
            ? Option.none<Attempt>()
            : Option.some(yield* refuse(run, attempt, call.left))
        }
        const needed = roomFor(model, call.right.parameters, [attempt.outputs])
        const made = room.within(needed, send(run, attempt, model, provider.right.adapter, call.right), (shortage) =>
          refuse(run, attempt, tooFull(shortage))
        )
        return yield* Effect.asSome(made)
      })
    )
  }, spanned("Attempt.claim"))

  /** A planned attempt: nothing was sent. One that was asked to stop waits for no turn. */
  const begin = (run: Run, attempt: Attempt) =>
    run.job.cancelRequested ? Effect.asSome(move(run, attempt, "canceled")) : claim(run, attempt)

  /** Nobody can say what became of the call. */
  const lost = (run: Run, attempt: Attempt) =>
    Effect.asSome(failedWith(run, attempt, lostAnswer("the process died during the provider call")))

  /** The store or the provider cannot be asked at this moment: not a reason to give up what may be paid. */
  const laterOrLost = (run: Run, attempt: Attempt) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now < run.job.deadlineAt ? Effect.succeedNone : lost(run, attempt)
    )

  /** Asks the provider whether it has the call. Right after a crash the request may still be on its way there. */
  const seek = Effect.fnUntraced(function* (
    run: Run,
    attempt: Attempt,
    find: NonNullable<Adapter["find"]>
  ): Effect.fn.Return<Option.Option<Attempt>, Stale | StorageUnavailable> {
    const settledAt = (attempt.claimedAt ?? 0) + limits.findSettleMillis
    while (true) {
      const askedAt = yield* Clock.currentTimeMillis
      const found = yield* Effect.either(asRequest(run, "find")(askOnce(find(attempt.id))))
      if (found._tag === "Left") return yield* laterOrLost(run, attempt)
      if (found.right !== null) return Option.some(yield* accepted(run, attempt, found.right))
      if (askedAt >= settledAt) {
        const message = "the request did not reach the provider"
        return Option.some(yield* refuse(run, attempt, { code: "PROVIDER_UNAVAILABLE", message }))
      }
      if (isClosing()) return Option.none()
      yield* Effect.sleep(Math.min(findEveryMillis, settledAt - askedAt))
    }
  }, spanned("Attempt.seek"))

  /** An attempt whose run stopped during the call: its answer may be in hand, on the spool, at the provider, or lost. */
  const reclaim = Effect.fnUntraced(function* (run: Run, attempt: Attempt) {
    const reply = inHand.replies.get(attempt.id)
    if (reply !== undefined) return Option.some(yield* keep(run, attempt, reply))
    const handle = inHand.handles.get(attempt.id)
    if (handle !== undefined) return Option.some(yield* accepted(run, attempt, handle))
    const spooled = yield* Effect.either(spool.read(attempt.id))
    if (spooled._tag === "Left") return yield* laterOrLost(run, attempt)
    if (Option.isSome(spooled.right)) return Option.some(yield* keep(run, attempt, spooled.right.value))
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    if (model?.repeatable === true) {
      return mayRepeat(run.job, attempt, model) ? yield* claim(run, attempt) : yield* lost(run, attempt)
    }
    const provider = model === undefined ? Option.none() : yield* Effect.option(providers.get(model.provider))
    if (Option.isNone(provider)) return yield* laterOrLost(run, attempt)
    const { find } = provider.value.adapter
    return find === undefined ? yield* lost(run, attempt) : yield* seek(run, attempt, find)
  }, spanned("Attempt.reclaim"))

  return { begin, reclaim, keep, keepLate, claim } as const
}

const findEveryMillis = 1_000

type Answer =
  | { readonly _tag: "Accepted"; readonly handle: Json }
  | { readonly _tag: "Replied"; readonly reply: SpooledReply }

const answerTo = (submission: Effect.Effect<Submission, ProviderError>): Effect.Effect<Answer, ProviderError> =>
  Effect.flatMap(submission, (answer) =>
    answer._tag === "Replied"
      ? Effect.map(collect(answer.reply), (reply): Answer => ({ _tag: "Replied", reply }))
      : Effect.succeed<Answer>(answer)
  )
