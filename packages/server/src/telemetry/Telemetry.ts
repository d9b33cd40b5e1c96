import { HttpMiddleware } from "@effect/platform"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Effect, Layer } from "effect"
import { configRefusal } from "../ServerConfig.ts"
import { layerClient, layerTracer, metrics } from "./Exporter.ts"
import { Gauges } from "./Gauges.ts"
import { layerJsonLogs } from "./jsonLogs.ts"
import { MetricsHttp } from "./MetricsHttp.ts"
import { readTelemetryConfig } from "./TelemetryConfig.ts"
import { layerTracedIds } from "./TracedIds.ts"

/** Spans that nobody gets are not made either. */
const layerNoTraces = Layer.merge(
  Layer.setTracerEnabled(false),
  Layer.locallyScoped(HttpMiddleware.currentTracerDisabledWhen, () => true)
)

/**
 * What a server tells of itself. `beneath` goes under the whole house, `ids` are its ids, `beside` needs its services.
 * Nothing is sent unless the settings name a receiver.
 */
export const makeTelemetry = Effect.map(
  Effect.mapError(readTelemetryConfig, configRefusal),
  ({ exporting, logLevel }) => {
    const tracesUrl = exporting?.tracesUrl ?? null
    const metricsUrl = exporting?.metricsUrl ?? null
    const layerTraces = exporting === null || tracesUrl === null ? layerNoTraces : layerTracer(exporting, tracesUrl)
    const layerMetrics =
      exporting === null || metricsUrl === null
        ? Layer.empty
        : Layer.scopedDiscard(Effect.flatMap(Gauges, ({ sample }) => metrics(exporting, metricsUrl, sample))).pipe(
            Layer.provide(Layer.merge(layerClient, Gauges.Default))
          )
    return {
      beneath: Layer.provideMerge(layerTraces, layerJsonLogs(logLevel)),
      ids: tracesUrl === null ? Ids.layer : layerTracedIds,
      beside: Layer.merge(MetricsHttp, layerMetrics)
    }
  }
)

export type Telemetry = Effect.Effect.Success<typeof makeTelemetry>
