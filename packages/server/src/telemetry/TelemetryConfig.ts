import { quoted } from "@image-skill/core/kernel/Quote"
import { Config, ConfigError, Effect, Either, LogLevel, Option, Redacted } from "effect"

/** Where telemetry goes, when it goes anywhere. */
export interface Exporting {
  /** Null: this kind is not sent. */
  readonly tracesUrl: string | null
  readonly metricsUrl: string | null
  /** May hold the key of the receiver. */
  readonly headers: Redacted.Redacted<Readonly<Record<string, string>>>
  /** Who we are: `service.name` among others. */
  readonly resource: Readonly<Record<string, string>>
  readonly spansEveryMillis: number
  readonly metricsEveryMillis: number
  readonly timeoutMillis: number
}

const invalid = (allowed: string) => ConfigError.InvalidData([], `is not understood; allowed: ${allowed}`)

/** `a=1,b=2`, percent-encoded, as OpenTelemetry writes maps. What is wrong with it never repeats it: it may hold a key. */
const parsePairs = (text: string): Either.Either<Readonly<Record<string, string>>, ConfigError.ConfigError> => {
  const pairs = text.split(",").map((part) => /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128})\s*=\s*(.*?)\s*$/.exec(part))
  const decoded = pairs.map((pair) =>
    Either.try(() => [decodeURIComponent(pair?.[1] ?? ""), decodeURIComponent(pair?.[2] ?? "")] as const)
  )
  const entries = decoded.flatMap((pair) => (Either.isRight(pair) && pair.right[0] !== "" ? [pair.right] : []))
  return entries.length === pairs.length
    ? Either.right(Object.fromEntries(entries))
    : Either.left(invalid("name=value pairs, separated by commas, percent-encoded"))
}

const pairs = (name: string) =>
  Config.mapOrFail(Config.string(name), parsePairs).pipe(Config.withDefault<Readonly<Record<string, string>>>({}))

const parseUrl = (text: string): Either.Either<string, ConfigError.ConfigError> =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
    ? Either.right(text.replace(/\/+$/, ""))
    : Either.left(invalid("an http or https URL"))

const url = (name: string) => Config.option(Config.mapOrFail(Config.string(name), parseUrl))

const millis = (name: string, otherwise: number) =>
  Config.mapOrFail(Config.string(name), (text) =>
    /^\d{1,8}$/.test(text) && Number(text) > 0
      ? Either.right(Number(text))
      : Either.left(ConfigError.InvalidData([], `is "${quoted(text)}"; allowed: milliseconds, 1 to 99999999`))
  ).pipe(Config.withDefault(otherwise))

const word = (name: string, words: ReadonlyArray<string>) =>
  Config.mapOrFail(Config.string(name), (text) =>
    words.includes(text.toLowerCase())
      ? Either.right(text.toLowerCase())
      : Either.left(ConfigError.InvalidData([], `is "${quoted(text)}"; allowed: ${words.join(", ")}`))
  )

const isSent = (name: string) =>
  word(name, ["otlp", "none"]).pipe(
    Config.withDefault("otlp"),
    Config.map((value) => value === "otlp")
  )

const exporting = Config.all({
  endpoint: url("OTEL_EXPORTER_OTLP_ENDPOINT"),
  tracesEndpoint: url("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
  metricsEndpoint: url("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
  hasTraces: isSent("OTEL_TRACES_EXPORTER"),
  hasMetrics: isSent("OTEL_METRICS_EXPORTER"),
  // Said here and not at the first failed export: the other protocols are not spoken.
  protocol: word("OTEL_EXPORTER_OTLP_PROTOCOL", ["http/json"]).pipe(Config.withDefault("http/json")),
  headers: pairs("OTEL_EXPORTER_OTLP_HEADERS"),
  attributes: pairs("OTEL_RESOURCE_ATTRIBUTES"),
  serviceName: Config.option(Config.string("OTEL_SERVICE_NAME")),
  spansEveryMillis: millis("OTEL_BSP_SCHEDULE_DELAY", 5_000),
  metricsEveryMillis: millis("OTEL_METRIC_EXPORT_INTERVAL", 60_000),
  timeoutMillis: millis("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000)
}).pipe(
  Config.map((read): Exporting | null => {
    const under = (path: string) => Option.map(read.endpoint, (base) => `${base}${path}`)
    const tracesUrl = Option.orElse(read.tracesEndpoint, () => under("/v1/traces"))
    const metricsUrl = Option.orElse(read.metricsEndpoint, () => under("/v1/metrics"))
    const made: Exporting = {
      tracesUrl: read.hasTraces ? Option.getOrNull(tracesUrl) : null,
      metricsUrl: read.hasMetrics ? Option.getOrNull(metricsUrl) : null,
      headers: Redacted.make(read.headers),
      resource: {
        "service.name": "image-skill",
        ...read.attributes,
        ...Option.match(read.serviceName, { onNone: () => ({}), onSome: (name) => ({ "service.name": name }) })
      },
      spansEveryMillis: read.spansEveryMillis,
      metricsEveryMillis: read.metricsEveryMillis,
      timeoutMillis: read.timeoutMillis
    }
    return made.tracesUrl === null && made.metricsUrl === null ? null : made
  })
)

/** Off: nothing leaves, whatever else is set, and what is set is not even read. */
const isOff = Config.all([
  word("IMAGE_SKILL_TELEMETRY", ["on", "off"]).pipe(Config.withDefault("on")),
  word("OTEL_SDK_DISABLED", ["true", "false"]).pipe(Config.withDefault("false"))
]).pipe(Config.map(([ours, standard]) => ours === "off" || standard === "true"))

const levels = new Map([...LogLevel.allLevels].map((level) => [level._tag.toLowerCase(), level]))

const logLevel = word("IMAGE_SKILL_LOG_LEVEL", [...levels.keys()]).pipe(
  Config.withDefault("info"),
  Config.map((name) => levels.get(name) ?? LogLevel.Info)
)

/** By the standard names of OpenTelemetry, and two of ours. `exporting` is null where no receiver is named. */
export const readTelemetryConfig = Effect.gen(function* () {
  const level = yield* logLevel
  return { logLevel: level, exporting: (yield* isOff) ? null : yield* exporting }
})
