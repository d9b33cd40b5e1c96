import { Clock, Duration, Effect, Option } from "effect"
import type { Attempt, Job } from "../../jobs/Job.ts"
import { limits } from "../../kernel/Limits.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import { ProviderError, type ProviderReason, type SpooledReply } from "../../provider/Provider.ts"
import { asked, askOnce, lostAnswer } from "./asking.ts"
import type { Move } from "./move.ts"
import { asRequest } from "./requests.ts"
import { type Run, type Services, type Stale } from "./run.ts"
import { makeFailing } from "./submit.ts"

const tooLate = lostAnswer("the provider took the work and did not end it in time")

const stoppedByProvider = new ProviderError({
  reason: "failed",
  message: "the provider stopped the work before it was done",
  billed: "no"
})

/** What a provider says of the work itself. All else is said of our asking, and the work may go on. */
const finalReasons: ReadonlyArray<ProviderReason> = ["failed", "content_policy", "bad_output"]

type Keep = (run: Run, attempt: Attempt, reply: SpooledReply) => Effect.Effect<Attempt, Stale | StorageUnavailable>

/** Asks after accepted work until it has ended. `None`: look again later. */
export const makeFollow = (services: Pick<Services, "isClosing" | "jobs" | "providers">, move: Move, keep: Keep) => {
  const { isClosing, jobs, providers } = services
  const { failedWith } = makeFailing(move)

  // Only a cancel is to be seen here: a database that is away must not end the watch over work that is paid.
  const latest = (run: Run) =>
    Effect.option(jobs.get(run.job.id)).pipe(
      Effect.map((read) => Option.getOrElse(Option.flatten(read), () => run.job))
    )

  /** Past the deadline work is asked to stop, and still asked after for a while: it may be done, and paid. */
  const isHopeless = (job: Job) =>
    Effect.map(Clock.currentTimeMillis, (now) => now >= job.deadlineAt + limits.followGraceMillis)

  return Effect.fnUntraced(function* (run: Run, attempt: Attempt) {
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    const provider = model === undefined ? Option.none() : yield* Effect.option(providers.get(model.provider))
    const { poll, cancel, pollEvery } = Option.isSome(provider) ? provider.value.adapter : noAdapter
    if (poll === undefined) {
      return (yield* isHopeless(run.job))
        ? Option.some(yield* failedWith(run, attempt, tooLate))
        : Option.none<Attempt>()
    }
    let cancelSent = false
    while (true) {
      const answer = yield* Effect.either(asRequest(run, "poll")(askOnce(asked(poll(attempt.handle)))))
      const job = yield* latest(run)
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
      if (yield* isHopeless(job)) return Option.some(yield* failedWith(run, attempt, tooLate))
      const wantsStop = job.cancelRequested || (yield* Clock.currentTimeMillis) >= job.deadlineAt
      if (wantsStop && !cancelSent && cancel !== undefined) {
        cancelSent = true
        yield* Effect.ignoreLogged(asRequest(run, "cancel")(askOnce(cancel(attempt.handle))))
      }
      const asks =
        answer._tag === "Left" ? Duration.seconds(answer.left.retryAfterSeconds ?? 2) : (pollEvery ?? "1 second")
      const pauseMillis = Duration.toMillis(Duration.min(Duration.decode(asks), Duration.seconds(30)))
      yield* run.elsewhere.during(sleepUnless(isClosing, pauseMillis))
      // The handle is written down: the next process asks on.
      if (isClosing()) return Option.none<Attempt>()
    }
  }, spanned("Attempt.follow"))
}

/** A house that closes does not sit out the pause between two questions. */
const sleepUnless = (isClosing: () => boolean, millis: number): Effect.Effect<void> =>
  Effect.iterate(millis, {
    while: (left) => left > 0 && !isClosing(),
    body: (left) => Effect.as(Effect.sleep(Math.min(left, 1_000)), left - 1_000)
  })

const noAdapter = { poll: undefined, cancel: undefined, pollEvery: undefined }
