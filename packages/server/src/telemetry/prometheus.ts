import type { Point, Series } from "./registry.ts"

/** The media type of the text. */
export const prometheusType = "text/plain; version=0.0.4; charset=utf-8"

const inHelp = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
const inLabel = (text: string) => inHelp(text).replaceAll('"', '\\"')

const numeral = (value: number): string => {
  if (Number.isNaN(value)) return "NaN"
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? "+Inf" : "-Inf"
}

const nameOf = (text: string) => text.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_")

const line = (name: string, labels: Point["labels"], value: number) => {
  const inside = labels.map(([key, label]) => `${nameOf(key)}="${inLabel(label)}"`).join(",")
  return `${name}${inside === "" ? "" : `{${inside}}`} ${numeral(value)}`
}

const linesOf = (name: string, { labels, value }: Point): ReadonlyArray<string> => {
  if (value.kind === "number") return [line(name, labels, value.number)]
  let upTo = 0
  const buckets = value.bounds.map((bound, index) => {
    upTo += value.counts[index] ?? 0
    return line(`${name}_bucket`, [...labels, ["le", numeral(bound)]], upTo)
  })
  return [
    ...buckets,
    line(`${name}_bucket`, [...labels, ["le", "+Inf"]], value.count),
    line(`${name}_sum`, labels, value.sum),
    line(`${name}_count`, labels, value.count)
  ]
}

/** The text format of Prometheus, version 0.0.4. */
export const prometheusText = (series: ReadonlyArray<Series>): string =>
  series
    .flatMap(({ description, name, points, type }) => [
      `# HELP ${nameOf(name)} ${inHelp(description)}`,
      `# TYPE ${nameOf(name)} ${type}`,
      ...points.flatMap((point) => linesOf(nameOf(name), point)),
      ""
    ])
    .join("\n")
