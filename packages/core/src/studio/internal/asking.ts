import { Effect } from "effect"
import { collect } from "../../assets/ResultSpool.ts"
import { limits } from "../../kernel/Limits.ts"
import { type Poll, ProviderError, type SpooledReply } from "../../provider/Provider.ts"

/** Nobody knows what became of a call. */
export const lostAnswer = (message: string) =>
  new ProviderError({ reason: "outcome_unknown", message, billed: "unknown" })

/** An adapter that throws is a bug of its plugin; what it sent may be paid all the same. */
export const guarded = <A>(effect: Effect.Effect<A, ProviderError>) =>
  Effect.catchAllDefect(effect, (defect) =>
    Effect.logError("a provider plugin threw", defect).pipe(
      Effect.zipRight(Effect.fail(lostAnswer("the provider plugin broke during the call")))
    )
  )

const silent = new ProviderError({ reason: "unavailable", message: "the provider does not answer", billed: "no" })

/** A question that is free and may be asked again: bounded, so that a silent provider does not hold the run. */
export const askOnce = <A>(question: Effect.Effect<A, ProviderError>) =>
  guarded(question).pipe(Effect.timeoutFail({ duration: limits.askMillis, onTimeout: () => silent }))

export type Asked =
  | Exclude<Poll, { readonly _tag: "Replied" }>
  | { readonly _tag: "Replied"; readonly reply: SpooledReply }

/** A poll, with its reply whole. */
export const asked = (poll: Effect.Effect<Poll, ProviderError>): Effect.Effect<Asked, ProviderError> =>
  Effect.flatMap(poll, (answer) =>
    answer._tag === "Replied"
      ? Effect.map(collect(answer.reply), (reply): Asked => ({ _tag: "Replied", reply }))
      : Effect.succeed<Asked>(answer)
  )
