import { Effect, type Fiber, FiberRef, Option, Tracer } from "effect"
import { TraceId } from "./Ids.ts"

const shape = /^trace_([0-9a-f]{32})$/

/** Stands for no span: what hangs beneath it begins a tree of its own in a trace that is known. */
export const noSpanId = "0000000000000000"

/** The trace id of an envelope, of an OpenTelemetry trace id. */
export const traceIdOf = (hex: string): TraceId => TraceId.make(`trace_${hex}`)

/**
 * A span around the effect, where spans are recorded at all: elsewhere a span that nobody sees costs more than most of
 * what it is around.
 */
export const spanned =
  (name: string, options: Tracer.SpanOptions = {}) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiberRuntime((fiber) =>
      isTraced(fiber) ? Effect.withSpan(effect, name, { captureStackTrace: false, ...options }) : effect
    )

/** Whether spans are recorded at all. */
export const isTraced = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean =>
  fiber.getFiberRef(FiberRef.currentTracerEnabled)

/** Adds to the span that the fiber is in, where there is one. */
export const annotateSpan = (attributes: { readonly [name: string]: unknown }): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => (isTraced(fiber) ? Effect.annotateCurrentSpan(attributes) : Effect.void))

/**
 * Puts the spans of the effect into a trace: beneath the current span where that is of the same trace, and as a tree of
 * their own elsewhere. For work that outlives its request, in another process perhaps. A trace id that is no
 * OpenTelemetry one changes nothing.
 */
export const inTrace =
  (traceId: TraceId) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const hex = shape.exec(traceId)?.[1]
    if (hex === undefined) return effect
    const placed = Effect.flatMap(
      Effect.option(Effect.currentParentSpan),
      (current): Effect.Effect<A, E, R> =>
        Option.exists(current, (one) => one.traceId === hex)
          ? effect
          : Effect.withParentSpan(effect, Tracer.externalSpan({ traceId: hex, spanId: noSpanId }))
    )
    return Effect.withFiberRuntime((fiber) => (isTraced(fiber) ? placed : effect))
  }
