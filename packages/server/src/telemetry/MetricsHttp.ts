import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { Effect, Layer } from "effect"
import { Answering } from "../http/Answering.ts"
import { Gauges } from "./Gauges.ts"
import { prometheusText, prometheusType } from "./prometheus.ts"
import { snapshot } from "./registry.ts"

/** `GET /metrics` for the operator. A refusal is the envelope of every other. */
export const MetricsHttp = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function* () {
    const answering = yield* Answering
    const gauges = yield* Gauges
    const answer = Effect.gen(function* () {
      const verdict = yield* answering.operated(Effect.as(gauges.sample, {}))
      if (verdict.status !== 200) return verdict
      return HttpServerResponse.text(prometheusText(snapshot()), {
        contentType: prometheusType,
        headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" }
      })
    })
    yield* router.get("/metrics", answer)
  })
).pipe(Layer.provide(Layer.merge(Answering.Default, Gauges.Default)))
