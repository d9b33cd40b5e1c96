import { Clock, Duration, Effect, Option } from "effect"
import { collect } from "../../assets/ResultSpool.ts"
import type { Attempt } from "../../jobs/Job.ts"
import { passed } from "../../kernel/Checkpoint.ts"
import type { AttemptId } from "../../kernel/Ids.ts"
import type { Json } from "../../kernel/Json.ts"
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
import type { Run, Services } from "./run.ts"

/** What this process was told and could not write down yet: it is not lost while the process lives. */
export interface InHand {
  readonly replies: Map<AttemptId, SpooledReply>
  readonly handles: Map<AttemptId, Json>
}

/** How an attempt fails: by what the provider said, or by what it did not. */
export const makeFailing = (move: Move) => {
  const failedWith = (run: Run, attempt: Attempt, error: ProviderError) =>
    move(run, attempt, error.reason === "outcome_unknown" ? "lost" : "refused", {
      patch: { error: jobErrorOf(error) },
      billed: error.billed !== "no"
    })
  const refuse = (run: Run, attempt: Attempt, code: string, message: string) =>
    move(run, attempt, "refused", { patch: { error: { code, message } } })
  return { failedWith, refuse } as const
}

/** Gets an attempt from its plan to a handle or a spooled reply. `None`: it cannot go on now; look again later. */
export const makeSubmit = (services: Services, move: Move, inHand: InHand) => {
  const { jobs, spool, providers } = services
  const callOf = makeCalls(services)
  const { failedWith, refuse } = makeFailing(move)

  /** The reply is in hand: spool it, then say so. The disk's failure does not lose what memory has. */
  const keep = Effect.fn("Attempt.keep")(function* (run: Run, attempt: Attempt, reply: SpooledReply) {
    inHand.replies.set(attempt.id, reply)
    yield* passed("collected")
    yield* spool
      .write(attempt.id, reply)
      .pipe(Effect.catchAll((error) => Effect.logWarning(`a reply is kept in memory only: ${error.message}`)))
    yield* passed("spooled")
    const next = yield* move(run, attempt, "replied").pipe(
      Effect.tapErrorTag("Stale", () =>
        Effect.flatMap(Clock.currentTimeMillis, (at) =>
          jobs.keepLate(attempt.id, "replied", { content_type: reply.contentType, bytes: reply.bytes.length }, at)
        ).pipe(Effect.zipLeft(Effect.sync(() => inHand.replies.delete(attempt.id))))
      )
    )
    yield* passed("replied")
    return next
  })

  /** The provider took the work: from now on it is followed. */
  const accepted = Effect.fn("Attempt.accepted")(function* (run: Run, attempt: Attempt, handle: Json) {
    inHand.handles.set(attempt.id, handle)
    const submitted = yield* move(run, attempt, "accepted", { patch: { handle } })
    inHand.handles.delete(attempt.id)
    yield* passed("submitted")
    return submitted
  })

  const remaining = (run: Run) =>
    Effect.map(Clock.currentTimeMillis, (now) => Duration.millis(Math.max(0, run.job.deadlineAt - now)))

  const submit = Effect.fn("Attempt.submit")(function* (
    run: Run,
    attempt: Attempt,
    adapter: Adapter,
    call: ProviderCall
  ) {
    const answer = yield* guarded(answerTo(adapter.submit(call))).pipe(
      Effect.timeoutFail({
        duration: yield* remaining(run),
        onTimeout: () => lostAnswer("the provider did not answer before the deadline")
      }),
      Effect.either
    )
    if (answer._tag === "Left") return yield* failedWith(run, attempt, answer.left)
    if (answer.right._tag === "Replied") return yield* keep(run, attempt, answer.right.reply)
    return adapter.poll === undefined
      ? yield* failedWith(run, attempt, lostAnswer("the provider plugin takes work and cannot be asked after it"))
      : yield* accepted(run, attempt, answer.right.handle)
  })

  /** Whether the call may still be made: asked when its turn has come, which can be long after it was wanted. */
  const stopped = Effect.fn("Attempt.stopped")(function* (run: Run, attempt: Attempt) {
    const job = Option.getOrElse(yield* jobs.get(run.job.id), () => run.job)
    if (attempt.phase !== "planned") return null
    if (job.cancelRequested) return yield* move(run, attempt, "canceled")
    return (yield* Clock.currentTimeMillis) >= job.deadlineAt
      ? yield* refuse(run, attempt, "PROVIDER_UNAVAILABLE", "the deadline passed before the request was sent")
      : null
  })

  const claim = Effect.fn("Attempt.claim")(function* (run: Run, attempt: Attempt) {
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    if (model === undefined) {
      return Option.some(yield* refuse(run, attempt, "MODEL_NOT_FOUND", "the model is not in the catalogue any more"))
    }
    const provider = yield* Effect.either(providers.get(model.provider))
    if (provider._tag === "Left") {
      return Option.some(yield* refuse(run, attempt, provider.left.code, provider.left.message))
    }
    return yield* provider.right.inTurn(
      Effect.gen(function* () {
        const instead = yield* stopped(run, attempt)
        if (instead !== null) return Option.some(instead)
        const call = yield* Effect.either(callOf(run.job, attempt))
        if (call._tag === "Left") {
          // A store that is away comes back; an image that is gone does not.
          return call.left.code === "STORAGE_UNAVAILABLE"
            ? Option.none<Attempt>()
            : Option.some(yield* refuse(run, attempt, call.left.code, call.left.message))
        }
        const claimed = yield* move(run, attempt, "claim", { patch: { claimedAt: yield* Clock.currentTimeMillis } })
        yield* passed("claimed")
        return Option.some(yield* submit(run, claimed, provider.right.adapter, call.right))
      })
    )
  })

  /** A planned attempt: nothing was sent. */
  const begin = Effect.fn("Attempt.begin")(function* (run: Run, attempt: Attempt) {
    const instead = yield* stopped(run, attempt)
    return instead === null ? yield* claim(run, attempt) : Option.some(instead)
  })

  /** Nobody can say what became of the call. */
  const lost = (run: Run, attempt: Attempt) =>
    Effect.asSome(failedWith(run, attempt, lostAnswer("the process died during the provider call")))

  /** The store or the provider cannot be asked at this moment: not a reason to give up what may be paid. */
  const laterOrLost = (run: Run, attempt: Attempt) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now < run.job.deadlineAt ? Effect.succeedNone : lost(run, attempt)
    )

  /** An attempt whose run stopped during the call: its answer may be in hand, on the spool, at the provider, or lost. */
  const reclaim = Effect.fn("Attempt.reclaim")(function* (run: Run, attempt: Attempt) {
    const reply = inHand.replies.get(attempt.id)
    if (reply !== undefined) return Option.some(yield* keep(run, attempt, reply))
    const handle = inHand.handles.get(attempt.id)
    if (handle !== undefined) return Option.some(yield* accepted(run, attempt, handle))
    const spooled = yield* Effect.either(spool.read(attempt.id))
    if (spooled._tag === "Left") return yield* laterOrLost(run, attempt)
    if (Option.isSome(spooled.right)) return Option.some(yield* keep(run, attempt, spooled.right.value))
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    if (model?.repeatable === true) return yield* claim(run, attempt)
    const provider = model === undefined ? Option.none() : yield* Effect.option(providers.get(model.provider))
    if (Option.isNone(provider)) return yield* laterOrLost(run, attempt)
    const { find } = provider.value.adapter
    if (find === undefined) return yield* lost(run, attempt)
    const found = yield* Effect.either(askOnce(find(attempt.id)))
    if (found._tag === "Left") return yield* laterOrLost(run, attempt)
    return found.right === null
      ? Option.some(yield* refuse(run, attempt, "PROVIDER_UNAVAILABLE", "the request did not reach the provider"))
      : Option.some(yield* accepted(run, attempt, found.right))
  })

  return { begin, reclaim, keep } as const
}

type Answer =
  | { readonly _tag: "Accepted"; readonly handle: Json }
  | { readonly _tag: "Replied"; readonly reply: SpooledReply }

const answerTo = (submission: Effect.Effect<Submission, ProviderError>): Effect.Effect<Answer, ProviderError> =>
  Effect.flatMap(submission, (answer) =>
    answer._tag === "Replied"
      ? Effect.map(collect(answer.reply), (reply): Answer => ({ _tag: "Replied", reply }))
      : Effect.succeed<Answer>(answer)
  )
