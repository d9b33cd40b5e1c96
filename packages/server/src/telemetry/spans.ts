import { noSpanId } from "@image-skill/core/kernel/Traces"
import { Cause, Exit, Option, Predicate, Tracer } from "effect"
import { kindOf, scrubbed } from "./told.ts"

/** A span as OTLP/JSON has it. */
export interface SpanRecord {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<KeyValue>
  readonly links: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>
  readonly status: { readonly code: 0 | 2 }
}

export interface KeyValue {
  readonly key: string
  readonly value:
    | { readonly stringValue: string }
    | { readonly boolValue: boolean }
    | { readonly intValue: string }
    | { readonly doubleValue: number }
}

/** Null for what is no plain value. */
export const keyValue = (key: string, value: unknown): KeyValue | null => {
  if (typeof value === "string") return { key, value: { stringValue: scrubbed(value) } }
  if (typeof value === "boolean") return { key, value: { boolValue: value } }
  if (typeof value === "bigint") return { key, value: { intValue: String(value) } }
  if (typeof value !== "number" || !Number.isFinite(value)) return null
  return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }
}

/**
 * The attributes that leave. Frameworks set others, with headers, whole URLs, addresses and stack traces: an asset's
 * path is the right to read it, and a query may hold a key.
 */
const isAllowed = (key: string) =>
  key.startsWith("image_skill.") ||
  ["http.request.method", "http.response.status_code", "db.system.name", "error.type"].includes(key)

/** One for each statement: the transaction around them is told. */
const isHidden = (name: string) => name.startsWith("sql.") && name !== "sql.transaction"

const hexOf = (bytes: number) => {
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  let hex = ""
  for (const byte of random) hex += byte.toString(16).padStart(2, "0")
  return hex
}

const isTraceId = (text: string) => /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text)
const isSpanId = (text: string) => /^[0-9a-f]{16}$/.test(text)

const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const

interface Position {
  readonly traceId: string
  readonly parentSpanId: string | null
  /** False for what nobody asked for, such as looks at the store by the clock: its whole tree is left out. */
  readonly isTold: boolean
}

/**
 * Where a span stands. A caller's `traceparent` that is none, in whatever form it came, begins a trace of our own; so
 * does a span beneath one of another tracer, such as that of the program which started the server.
 */
const positionOf = (
  parent: Option.Option<Tracer.AnySpan>,
  kind: Tracer.SpanKind,
  isOurs: (span: Tracer.Span) => boolean
): Position => {
  const above = Option.getOrNull(parent)
  const ownRoot = () => ({ traceId: hexOf(16), parentSpanId: null, isTold: kind === "server" })
  if (above === null || (above._tag === "Span" && !isOurs(above))) return ownRoot()
  if (above._tag === "Span") return { traceId: above.traceId, parentSpanId: above.spanId, isTold: above.sampled }
  const [traceId, spanId] = [above.traceId.toLowerCase(), above.spanId.toLowerCase()]
  if (!isTraceId(traceId) || !isSpanId(spanId)) return ownRoot()
  return { traceId, parentSpanId: spanId === noSpanId ? null : spanId, isTold: true }
}

type Ended = Extract<Tracer.SpanStatus, { readonly _tag: "Ended" }>

const recordOf = (span: Tracer.Span, { parentSpanId }: Position, { endTime, exit, startTime }: Ended): SpanRecord => {
  const isFailed = Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)
  const outcome = Exit.isSuccess(exit)
    ? []
    : [keyValue("error.type", isFailed ? kindOf(Cause.squash(exit.cause)) : "interrupted")]
  const attributes = [...span.attributes].map(([key, value]) => (isAllowed(key) ? keyValue(key, value) : null))
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: String(startTime),
    endTimeUnixNano: String(endTime),
    attributes: [...attributes, ...outcome].filter(Predicate.isNotNull),
    links: span.links.map(({ span: { spanId, traceId } }) => ({ traceId, spanId })),
    status: { code: isFailed ? 2 : 0 }
  }
}

/** Makes spans, and hands each on when it has ended. Errors are told by their kind, and logs are no events of a span. */
export const makeTracer = (ended: (span: SpanRecord) => void): Tracer.Tracer => {
  const ours = new WeakSet<Tracer.Span>()
  return Tracer.make({
    context: (f) => f(),
    span: (name, parent, context, links, startTime, kind) => {
      const position = positionOf(parent, kind, (one) => ours.has(one))
      const isTold = position.isTold && !(isHidden(name) && position.parentSpanId !== null)
      const attributes = new Map<string, unknown>()
      const allLinks = [...links]
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        // What is hidden stands aside: what is beneath it hangs on what is above it.
        spanId: isTold || position.parentSpanId === null ? hexOf(8) : position.parentSpanId,
        traceId: position.traceId,
        parent,
        context,
        kind,
        attributes,
        links: allLinks,
        sampled: position.isTold,
        get status() {
          return status
        },
        end: (endTime, exit) => {
          const over: Ended = { _tag: "Ended", startTime, endTime, exit }
          status = over
          if (isTold) ended(recordOf(span, position, over))
        },
        attribute: (key, value) => void attributes.set(key, value),
        event: () => {},
        addLinks: (more) => void allLinks.push(...more)
      }
      ours.add(span)
      return span
    }
  })
}
