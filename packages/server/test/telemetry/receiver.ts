import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Schema } from "effect"

const KeyValue = Schema.Struct({
  key: Schema.String,
  value: Schema.Union(
    Schema.Struct({ stringValue: Schema.String }),
    Schema.Struct({ boolValue: Schema.Boolean }),
    Schema.Struct({ intValue: Schema.NumberFromString }),
    Schema.Struct({ doubleValue: Schema.Number })
  )
})

const hex = (digits: number) => Schema.String.pipe(Schema.pattern(new RegExp(`^[0-9a-f]{${digits}}$`)))

const Span = Schema.Struct({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: Schema.optional(hex(16)),
  name: Schema.String,
  kind: Schema.Literal(1, 2, 3, 4, 5),
  startTimeUnixNano: Schema.BigInt,
  endTimeUnixNano: Schema.BigInt,
  attributes: Schema.Array(KeyValue),
  status: Schema.Struct({ code: Schema.Literal(0, 1, 2) })
})
export type ReceivedSpan = typeof Span.Type

const Resource = Schema.Struct({ attributes: Schema.Array(KeyValue) })
const Scope = Schema.Struct({ name: Schema.String })

const Traces = Schema.Struct({
  resourceSpans: Schema.Array(
    Schema.Struct({
      resource: Resource,
      scopeSpans: Schema.Array(Schema.Struct({ scope: Scope, spans: Schema.Array(Span) }))
    })
  )
})

const head = { attributes: Schema.Array(KeyValue), startTimeUnixNano: Schema.BigInt, timeUnixNano: Schema.BigInt }
const NumberPoint = Schema.Struct({ ...head, asDouble: Schema.Number })
const HistogramPoint = Schema.Struct({
  ...head,
  count: Schema.NumberFromString,
  sum: Schema.Number,
  bucketCounts: Schema.Array(Schema.NumberFromString),
  explicitBounds: Schema.Array(Schema.Number)
})
const Metric = Schema.Struct({
  name: Schema.String,
  unit: Schema.String,
  sum: Schema.optional(
    Schema.Struct({
      aggregationTemporality: Schema.Literal(2),
      isMonotonic: Schema.Literal(true),
      dataPoints: Schema.Array(NumberPoint)
    })
  ),
  gauge: Schema.optional(Schema.Struct({ dataPoints: Schema.Array(NumberPoint) })),
  histogram: Schema.optional(
    Schema.Struct({ aggregationTemporality: Schema.Literal(2), dataPoints: Schema.Array(HistogramPoint) })
  )
})
export type ReceivedMetric = typeof Metric.Type

const Metrics = Schema.Struct({
  resourceMetrics: Schema.Array(
    Schema.Struct({
      resource: Resource,
      scopeMetrics: Schema.Array(Schema.Struct({ scope: Scope, metrics: Schema.Array(Metric) }))
    })
  )
})

/** What a collector would have understood, and the text of every body. */
export interface Received {
  readonly spans: Array<ReceivedSpan>
  /** Of the last export. */
  metrics: ReadonlyArray<ReceivedMetric>
  readonly resources: Array<Readonly<Record<string, unknown>>>
  readonly texts: Array<string>
  readonly headers: Array<Readonly<Record<string, unknown>>>
  /** Bodies that are no OTLP. */
  readonly problems: Array<string>
}

export const valuesOf = (attributes: ReceivedSpan["attributes"]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const decodeTraces = Schema.decodeUnknownSync(Schema.parseJson(Traces))
const decodeMetrics = Schema.decodeUnknownSync(Schema.parseJson(Metrics))

const take = (received: Received, path: string, text: string) => {
  if (path === "/v1/traces") {
    for (const { resource, scopeSpans } of decodeTraces(text).resourceSpans) {
      received.resources.push(valuesOf(resource.attributes))
      received.spans.push(...scopeSpans.flatMap(({ spans }) => spans))
    }
    return
  }
  received.metrics = decodeMetrics(text).resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics)
  )
}

/** A server on a free port of loopback that hands on whole bodies. */
export const listening = async <A>(
  handle: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  use: (url: string) => Promise<A>
): Promise<A> => {
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => void chunks.push(chunk))
    request.on("end", () => handle(request, Buffer.concat(chunks).toString("utf8"), response))
  })
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve()))
  const address = server.address()
  try {
    return await use(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
  }
}

/** A collector of OTLP/JSON over HTTP on loopback. */
export const withReceiver = <A>(use: (url: string, received: Received) => Promise<A>): Promise<A> => {
  const received: Received = { spans: [], metrics: [], resources: [], texts: [], headers: [], problems: [] }
  return listening(
    ({ headers, url }, text, response) => {
      received.texts.push(text)
      received.headers.push(headers)
      try {
        take(received, url ?? "", text)
      } catch (problem) {
        received.problems.push(String(problem))
      }
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
    },
    (url) => use(url, received)
  )
}
