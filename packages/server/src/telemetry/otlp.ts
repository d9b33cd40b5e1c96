import type { Series } from "./registry.ts"
import { type KeyValue, keyValue, type SpanRecord } from "./spans.ts"

type Resource = Readonly<Record<string, string>>

const attributesOf = (pairs: Iterable<readonly [string, string]>): ReadonlyArray<KeyValue> =>
  [...pairs].flatMap(([key, value]) => keyValue(key, value) ?? [])

const resourceOf = (resource: Resource) => ({ attributes: attributesOf(Object.entries(resource)) })

const scope = { name: "image-skill" } as const

/** The body of `POST /v1/traces`. */
export const tracesBody = (resource: Resource, spans: ReadonlyArray<SpanRecord>) => ({
  resourceSpans: [{ resource: resourceOf(resource), scopeSpans: [{ scope, spans }] }]
})

/** Since the process began, as `AGGREGATION_TEMPORALITY_CUMULATIVE` says. */
const cumulative = 2

const metricOf = ({ description, name, points, type }: Series, startedAt: string, now: string) => {
  const dataPoints = points.map(({ labels, value }) => ({
    attributes: attributesOf(labels),
    startTimeUnixNano: startedAt,
    timeUnixNano: now,
    ...(value.kind === "number"
      ? { asDouble: value.number }
      : {
          count: String(value.count),
          sum: value.sum,
          bucketCounts: value.counts.map(String),
          explicitBounds: value.bounds
        })
  }))
  const unit = name.endsWith("_seconds") ? "s" : name.endsWith("_bytes") ? "By" : "1"
  const head = { name, description, unit }
  if (type === "histogram") return { ...head, histogram: { aggregationTemporality: cumulative, dataPoints } }
  if (type === "gauge") return { ...head, gauge: { dataPoints } }
  return { ...head, sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints } }
}

/** The body of `POST /v1/metrics`. Times are nanoseconds since 1970. */
export const metricsBody = (resource: Resource, series: ReadonlyArray<Series>, startedAt: bigint, now: bigint) => ({
  resourceMetrics: [
    {
      resource: resourceOf(resource),
      scopeMetrics: [{ scope, metrics: series.map((one) => metricOf(one, String(startedAt), String(now))) }]
    }
  ]
})
