import type { Effect } from "effect"
import { timedRequest } from "../../kernel/Metrics.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { ProviderError } from "../../provider/Provider.ts"
import type { Run } from "./run.ts"

/** A request to the job's provider as telemetry sees it: a span, its duration, and no time of ours. */
export const asRequest =
  (run: Run, request: "submit" | "poll" | "cancel" | "find" | "fetch") =>
  <A, R>(effect: Effect.Effect<A, ProviderError, R>): Effect.Effect<A, ProviderError, R> => {
    const provider = run.job.providerId ?? "none"
    return effect.pipe(
      timedRequest(provider, request, ({ reason }) => reason),
      run.elsewhere.during,
      spanned(`Provider.${request}`, {
        kind: "client",
        attributes: { "image_skill.provider": provider, "image_skill.model": run.job.modelId ?? "none" }
      })
    )
  }
