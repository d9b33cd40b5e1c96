import { type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import { traceIdOf } from "@image-skill/core/kernel/Traces"
import {
  Array as Arr,
  Cause,
  Context,
  FiberRef,
  FiberRefs,
  HashMap,
  Layer,
  List,
  Logger,
  type LogLevel,
  Tracer
} from "effect"
import { scrubbed, toldOf, toldOfCause } from "./told.ts"

const depthMax = 4

/** A value of an annotation or a message. What is no plain JSON is named, and not printed. */
const plain = (value: unknown, depth: number): Json => {
  if (typeof value === "string") return scrubbed(value)
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value
  if (depth === 0 || typeof value !== "object") return typeof value
  if (Array.isArray(value)) return value.slice(0, 50).map((one) => plain(one, depth - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    return Cause.isCause(value) ? toldOfCause(value) : toldOf(value)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one, depth - 1)]))
}

/** The span of the line's own trace; a span of another, such as that which started the server, says nothing of it. */
const spanOf = (refs: FiberRefs.FiberRefs, traceId: unknown): JsonObject => {
  const span = Context.getOption(FiberRefs.getOrDefault(refs, FiberRef.currentContext), Tracer.ParentSpan)
  return span._tag === "Some" && traceIdOf(span.value.traceId) === traceId ? { span_id: span.value.spanId } : {}
}

const spansOf = (options: Logger.Logger.Options<unknown>): JsonObject =>
  List.isNil(options.spans)
    ? {}
    : {
        spans: Object.fromEntries(
          [...options.spans].map(({ label, startTime }) => [label, options.date.getTime() - startTime])
        )
      }

/**
 * One JSON document a line: `at`, `level`, `message`, the annotations (`trace_id` and `job_id` among them where there
 * are such), `span_id`, and what may be said of errors. Never an error's own words where foreign code wrote them.
 */
export const jsonLine = Logger.make<unknown, string>((options) => {
  // The first part is our sentence. What follows it was thrown, perhaps by foreign code, and may be a text as well.
  const [sentence, ...thrown] = Arr.ensure(options.message)
  const isText = typeof sentence === "string"
  const others = isText || sentence === undefined ? thrown : [sentence, ...thrown]
  const errors = [...others.map(toldOf), ...toldOfCause(options.cause)]
  const annotations = Object.fromEntries(
    [...HashMap.entries(options.annotations)].map(([name, value]) => [name, plain(value, depthMax)])
  )
  return JSON.stringify({
    at: options.date.toISOString(),
    level: options.logLevel._tag.toLowerCase(),
    message: isText ? scrubbed(sentence) : "",
    ...annotations,
    ...spanOf(options.context, annotations["trace_id"]),
    ...spansOf(options),
    ...(errors.length === 0 ? {} : { errors })
  })
})

/** stdout is the caller's: logs go to stderr. */
export const layerJsonLogs = (level: LogLevel.LogLevel) =>
  Layer.mergeAll(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(jsonLine)), Logger.minimumLogLevel(level))
