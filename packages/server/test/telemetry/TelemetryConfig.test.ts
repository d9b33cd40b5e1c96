import { assert, describe, it } from "@effect/vitest"
import { assertLeft } from "@effect/vitest/utils"
import { ConfigProvider, Effect, Either, LogLevel, Redacted } from "effect"
import { configRefusal } from "../../src/ServerConfig.ts"
import { readTelemetryConfig } from "../../src/telemetry/TelemetryConfig.ts"

const read = (environment: Readonly<Record<string, string>>) =>
  Effect.runSync(
    readTelemetryConfig.pipe(
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
      Effect.mapError((error) => configRefusal(error).message),
      Effect.either
    )
  )

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" } as const
const receiver = (environment: Readonly<Record<string, string>>) => Either.getOrThrow(read(environment)).exporting

describe("TelemetryConfig", () => {
  it("sends nothing where no receiver is named, and logs from info on", () => {
    const { exporting, logLevel } = Either.getOrThrow(read({}))
    assert.isNull(exporting)
    assert.strictEqual(logLevel, LogLevel.Info)
  })

  it.each([
    { IMAGE_SKILL_TELEMETRY: "off" },
    { OTEL_SDK_DISABLED: "true" },
    { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" },
    // What is off is not read: a wrong setting of it stops nobody.
    { IMAGE_SKILL_TELEMETRY: "off", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }
  ])("sends nothing with %o", (off) => assert.isNull(receiver({ ...endpoint, ...off })))

  it("reads the standard variables", () => {
    const exporting = receiver({
      ...endpoint,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/otlp",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20abc==, x-tenant=7",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test,service.name=other",
      OTEL_SERVICE_NAME: "pictures"
    })
    assert.strictEqual(exporting?.tracesUrl, "https://traces.example/otlp")
    assert.strictEqual(exporting?.metricsUrl, "http://collector:4318/v1/metrics")
    assert.deepStrictEqual(exporting === null ? null : Redacted.value(exporting.headers), {
      authorization: "Basic abc==",
      "x-tenant": "7"
    })
    assert.deepStrictEqual(exporting?.resource, { "service.name": "pictures", "deployment.environment": "test" })
  })

  it("refuses what it cannot read, by name, and repeats no secret", () => {
    assertLeft(
      read({ ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: "a secret" }),
      "This house is not set up: OTEL_EXPORTER_OTLP_HEADERS is not understood; allowed: name=value pairs, separated by commas, percent-encoded"
    )
    assertLeft(
      read({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }),
      'This house is not set up: OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; allowed: http/json'
    )
    assertLeft(
      read({ IMAGE_SKILL_LOG_LEVEL: "loud" }),
      'This house is not set up: IMAGE_SKILL_LOG_LEVEL is "loud"; allowed: all, trace, debug, info, warning, error, fatal, none'
    )
  })
})
