import { metricPrefix } from "@image-skill/core/kernel/Metrics"
import { Metric, MetricState, Option } from "effect"

export interface Point {
  readonly labels: ReadonlyArray<readonly [string, string]>
  readonly value:
    | { readonly kind: "number"; readonly number: number }
    | {
        readonly kind: "histogram"
        /** Upper bounds, without the infinite one. */
        readonly bounds: ReadonlyArray<number>
        /** Of each bucket alone; one more than the bounds. */
        readonly counts: ReadonlyArray<number>
        readonly count: number
        readonly sum: number
      }
}

/** A metric of ours with all its label sets. */
export interface Series {
  readonly name: string
  readonly description: string
  readonly type: "counter" | "gauge" | "histogram"
  readonly points: ReadonlyArray<Point>
}

/** The state of the bucket with the bound ∞ is the count: what a histogram tells of each bucket is cumulative. */
const histogramOf = ({ buckets, count, sum }: MetricState.MetricState.Histogram): Point["value"] => {
  const all = [...buckets]
  return {
    kind: "histogram",
    bounds: all.map(([bound]) => bound).filter(Number.isFinite),
    counts: all.map(([, upTo], index) => upTo - (all[index - 1]?.[1] ?? 0)),
    count,
    sum
  }
}

const measured = (state: MetricState.MetricState.Untyped): Pick<Series, "type"> & { value: Point["value"] } => {
  if (MetricState.isHistogramState(state)) return { type: "histogram", value: histogramOf(state) }
  if (MetricState.isCounterState(state)) {
    return { type: "counter", value: { kind: "number", number: Number(state.count) } }
  }
  const number = MetricState.isGaugeState(state) ? Number(state.value) : Number.NaN
  return { type: "gauge", value: { kind: "number", number } }
}

/** Our metrics at this moment, in the order of their names. */
export const snapshot = (): ReadonlyArray<Series> => {
  const series = new Map<string, Series>()
  for (const { metricKey, metricState } of Metric.unsafeSnapshot()) {
    if (!metricKey.name.startsWith(metricPrefix)) continue
    const { type, value } = measured(metricState)
    const point = { labels: metricKey.tags.map(({ key, value: label }) => [key, label] as const), value }
    const known = series.get(metricKey.name)
    series.set(metricKey.name, {
      name: metricKey.name,
      type,
      description: Option.getOrElse(metricKey.description, () => ""),
      points: [...(known?.points ?? []), point]
    })
  }
  return [...series.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
