import { Ids } from "@image-skill/core/kernel/Ids"
import { traceIdOf } from "@image-skill/core/kernel/Traces"
import { Effect, Layer } from "effect"

/** Ids whose trace id is that of the trace that is exported; one of their own where none is. */
export const layerTracedIds = Layer.effect(
  Ids,
  Effect.map(Ids, (ids) => ({
    ...ids,
    trace: Effect.flatMap(Effect.option(Effect.currentParentSpan), (span) =>
      span._tag === "Some" && span.value.sampled && /^[0-9a-f]{32}$/.test(span.value.traceId)
        ? Effect.succeed(traceIdOf(span.value.traceId))
        : ids.trace
    )
  }))
).pipe(Layer.provide(Ids.layer))
