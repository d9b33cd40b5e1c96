import { Clock, Duration, Effect, Option } from "effect"
import { collect } from "../../assets/ResultSpool.ts"
import type { Attempt } from "../../jobs/Job.ts"
import { passed } from "../../kernel/Checkpoint.ts"
import type { AttemptId } from "../../kernel/Ids.ts"
import type { Json } from "../../kernel/Json.ts"
import {
  type Adapter,
  type Poll,
  type ProviderCall,
  ProviderError,
  type ProviderReason,
  type SpooledReply,
  type Submission
} from "../../provider/Provider.ts"
import { makeCalls } from "./calls.ts"
import type { Move } from "./move.ts"
import { jobErrorOf } from "./providerFailure.ts"
import type { Run, Services } from "./run.ts"

/** Replies that this process has in hand: what could not be spooled is not lost while it lives. */
export type Replies = Map<AttemptId, SpooledReply>

const lostAnswer = (message: string) => new ProviderError({ reason: "outcome_unknown", message, billed: "unknown" })

const tooLate = lostAnswer("the provider took the work and did not end it before the deadline")

const stoppedByProvider = new ProviderError({
  reason: "failed",
  message: "the provider stopped the work before it was done",
  billed: "no"
})

/** An adapter that throws is a bug of its plugin; what it sent may be paid all the same. */
const guarded = <A>(effect: Effect.Effect<A, ProviderError>) =>
  Effect.catchAllDefect(effect, (defect) =>
    Effect.logError("a provider plugin threw", defect).pipe(
      Effect.zipRight(Effect.fail(lostAnswer("the provider plugin broke during the call")))
    )
  )

/** Gets an attempt from its plan to a spooled reply. */
export const makeSubmit = (services: Services, move: Move, replies: Replies) => {
  const { jobs, spool, providers } = services
  const callOf = makeCalls(services)

  const failedWith = (run: Run, attempt: Attempt, error: ProviderError) =>
    move(run, attempt, error.reason === "outcome_unknown" ? "lost" : "refused", {
      patch: { error: jobErrorOf(error) },
      billed: error.billed !== "no"
    })

  const refuse = (run: Run, attempt: Attempt, code: string, message: string) =>
    move(run, attempt, "refused", { patch: { error: { code, message } } })

  /** The reply is in hand: spool it, then say so. The disk's failure does not lose what memory has. */
  const keep = Effect.fn("Attempt.keep")(function* (run: Run, attempt: Attempt, reply: SpooledReply) {
    replies.set(attempt.id, reply)
    yield* passed("collected")
    yield* spool
      .write(attempt.id, reply)
      .pipe(Effect.catchAll((error) => Effect.logWarning(`a reply is kept in memory only: ${error.message}`)))
    yield* passed("spooled")
    const next = yield* move(run, attempt, "replied").pipe(
      Effect.tapErrorTag("Stale", () =>
        Effect.flatMap(Clock.currentTimeMillis, (at) =>
          jobs.keepLate(attempt.id, "replied", { content_type: reply.contentType, bytes: reply.bytes.length }, at)
        )
      )
    )
    yield* passed("replied")
    return next
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
    const submitted = yield* move(run, attempt, "accepted", { patch: { handle: answer.right.handle } })
    yield* passed("submitted")
    return submitted
  })

  /** Whether the call may still be made: asked when its turn has come, which can be long after it was wanted. */
  const stopped = Effect.fn("Attempt.stopped")(function* (run: Run, attempt: Attempt) {
    const job = Option.getOrElse(yield* jobs.get(run.job.id), () => run.job)
    if (attempt.phase !== "planned") return null
    if (job.cancelRequested) return yield* move(run, attempt, "canceled")
    return (yield* Clock.currentTimeMillis) >= job.deadlineAt
      ? yield* refuse(run, attempt, "PROVIDER_FAILURE", "the deadline passed before the request was sent")
      : null
  })

  const claim = Effect.fn("Attempt.claim")(function* (run: Run, attempt: Attempt) {
    const call = yield* Effect.either(callOf(run.job, attempt))
    if (call._tag === "Left") return yield* refuse(run, attempt, call.left.code, call.left.message)
    const provider = yield* Effect.either(providers.get(call.right.model.provider))
    if (provider._tag === "Left") return yield* refuse(run, attempt, provider.left.code, provider.left.message)
    return yield* provider.right.inTurn(
      Effect.gen(function* () {
        const instead = yield* stopped(run, attempt)
        if (instead !== null) return instead
        const claimed = yield* move(run, attempt, "claim", { patch: { claimedAt: yield* Clock.currentTimeMillis } })
        yield* passed("claimed")
        return yield* submit(run, claimed, provider.right.adapter, call.right)
      })
    )
  })

  /** A planned attempt: nothing was sent. */
  const begin = Effect.fn("Attempt.begin")(function* (run: Run, attempt: Attempt) {
    return (yield* stopped(run, attempt)) ?? (yield* claim(run, attempt))
  })

  /** An attempt that a dead process had claimed: its answer may be on the spool, at the provider, or lost. */
  const reclaim = Effect.fn("Attempt.reclaim")(function* (run: Run, attempt: Attempt) {
    const spooled = yield* spool.read(attempt.id).pipe(Effect.orElseSucceed(() => Option.none()))
    if (Option.isSome(spooled)) return yield* keep(run, attempt, spooled.value)
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    if (model?.repeatable === true) return yield* claim(run, attempt)
    const provider = model === undefined ? null : yield* Effect.option(providers.get(model.provider))
    const find = provider === null || Option.isNone(provider) ? undefined : provider.value.adapter.find
    const handle: Option.Option<Json | null> =
      find === undefined ? Option.none() : yield* Effect.option(guarded(find(attempt.id)))
    if (Option.isNone(handle))
      return yield* failedWith(run, attempt, lostAnswer("the process died during the provider call"))
    return handle.value === null
      ? yield* refuse(run, attempt, "PROVIDER_UNAVAILABLE", "the request did not reach the provider")
      : yield* move(run, attempt, "accepted", { patch: { handle: handle.value } })
  })

  /** What a provider says of the work itself. All else is said of our asking, and the work may go on. */
  const finalReasons: ReadonlyArray<ProviderReason> = ["failed", "content_policy", "bad_output"]

  /** Asks after accepted work until it has ended or the deadline has passed. `None`: look again later. */
  const follow = Effect.fn("Attempt.follow")(function* (run: Run, attempt: Attempt) {
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    const provider = model === undefined ? Option.none() : yield* Effect.option(providers.get(model.provider))
    if (Option.isNone(provider)) {
      const isOver = (yield* Clock.currentTimeMillis) >= run.job.deadlineAt
      return isOver ? Option.some(yield* failedWith(run, attempt, tooLate)) : Option.none<Attempt>()
    }
    const { poll, cancel, pollEvery } = provider.value.adapter
    if (poll === undefined) return yield* Effect.dieMessage(`${provider.value.id} accepts work and cannot be polled`)
    let cancelSent = false
    while (true) {
      // Only a cancel is to be seen here: a database that is away must not end the watch over work that is paid.
      const job = yield* Effect.option(jobs.get(run.job.id)).pipe(
        Effect.map((read) => Option.getOrElse(Option.flatten(read), () => run.job))
      )
      const stop = job.cancelRequested || (yield* Clock.currentTimeMillis) >= job.deadlineAt
      if (stop && !cancelSent && cancel !== undefined) {
        cancelSent = true
        yield* Effect.ignoreLogged(guarded(cancel(attempt.handle)))
      }
      const answer = yield* Effect.either(guarded(asked(poll(attempt.handle))))
      if (answer._tag === "Right" && answer.right._tag === "Replied") {
        return Option.some(yield* keep(run, attempt, answer.right.reply))
      }
      if (answer._tag === "Right" && answer.right._tag === "Canceled") {
        return Option.some(
          job.cancelRequested
            ? yield* move(run, attempt, "canceled")
            : yield* failedWith(run, attempt, stoppedByProvider)
        )
      }
      if (answer._tag === "Left" && finalReasons.includes(answer.left.reason)) {
        return Option.some(yield* failedWith(run, attempt, answer.left))
      }
      if ((yield* Clock.currentTimeMillis) >= job.deadlineAt) {
        return Option.some(yield* failedWith(run, attempt, tooLate))
      }
      const asks =
        answer._tag === "Left" ? Duration.seconds(answer.left.retryAfterSeconds ?? 2) : (pollEvery ?? "1 second")
      yield* Effect.sleep(Duration.min(Duration.decode(asks), Duration.seconds(30)))
    }
  })

  return { begin, reclaim, follow } as const
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

type Asked = Exclude<Poll, { readonly _tag: "Replied" }> | { readonly _tag: "Replied"; readonly reply: SpooledReply }

const asked = (poll: Effect.Effect<Poll, ProviderError>): Effect.Effect<Asked, ProviderError> =>
  Effect.flatMap(poll, (answer) =>
    answer._tag === "Replied"
      ? Effect.map(collect(answer.reply), (reply): Asked => ({ _tag: "Replied", reply }))
      : Effect.succeed(answer)
  )
