import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { Clock, Data, Effect, Layer, Redacted, Schedule } from "effect"
import { metricsBody, tracesBody } from "./otlp.ts"
import { snapshot } from "./registry.ts"
import { makeTracer, type SpanRecord } from "./spans.ts"
import type { Exporting } from "./TelemetryConfig.ts"

/** Spans that wait to be sent; further ones are dropped, and how many is logged. */
const waitingMax = 8_192
const batchMax = 512
/** A house that closes waits this long for its last telemetry. */
const flushMillis = 2_000

/** `isBusy`: it may take the same a little later. */
class NotSent extends Data.TaggedError("NotSent")<{ readonly why: string; readonly isBusy: boolean }> {}

const again = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(3)))

/** A whole answer of a receiver that wants its body read before the connection serves the next. */
const makeSend = Effect.fnUntraced(function* (exporting: Exporting) {
  const client = yield* HttpClient.HttpClient
  return (url: string, body: unknown, isLast: boolean): Effect.Effect<void, NotSent> =>
    client
      .execute(
        HttpClientRequest.post(url).pipe(
          HttpClientRequest.setHeaders(Redacted.value(exporting.headers)),
          HttpClientRequest.bodyUnsafeJson(body)
        )
      )
      .pipe(
        Effect.flatMap((response) => Effect.as(Effect.ignore(response.text), response.status)),
        Effect.timeout(exporting.timeoutMillis),
        Effect.mapError(({ _tag }) => new NotSent({ why: _tag, isBusy: true })),
        Effect.filterOrFail(
          (status) => status >= 200 && status < 300,
          (status) => new NotSent({ why: `status ${status}`, isBusy: [429, 502, 503, 504].includes(status) })
        ),
        Effect.retry({ schedule: again, while: ({ isBusy }) => isBusy && !isLast }),
        Effect.asVoid
      )
})

/** Tells of the first failure and of the next success, not of each. */
const makeTelling = (kind: string) => {
  let isDown = false
  return <R>(sending: Effect.Effect<void, NotSent, R>): Effect.Effect<void, never, R> =>
    Effect.matchEffect(sending, {
      onSuccess: () => {
        const wasDown = isDown
        isDown = false
        return wasDown ? Effect.logInfo(`${kind} are sent again`) : Effect.void
      },
      onFailure: ({ why }) => {
        const wasDown = isDown
        isDown = true
        return wasDown ? Effect.void : Effect.logWarning(`${kind} cannot be sent, and are dropped: ${why}`)
      }
    })
}

/** A round every so often, and a last one when the scope ends. What is sent is no work of the house: it has no spans. */
const inRounds = (round: (isLast: boolean) => Effect.Effect<void>, everyMillis: number) =>
  Effect.gen(function* () {
    const quiet = (isLast: boolean) => Effect.withTracerEnabled(round(isLast), false)
    yield* Effect.addFinalizer(() => Effect.timeoutOption(Effect.interruptible(quiet(true)), flushMillis))
    yield* Effect.forkScoped(Effect.forever(Effect.zipRight(Effect.sleep(everyMillis), quiet(false))))
  })

const tracer = Effect.fnUntraced(function* (exporting: Exporting, url: string) {
  const send = yield* makeSend(exporting)
  const telling = makeTelling("traces")
  let waiting: Array<SpanRecord> = []
  let dropped = 0
  const round = Effect.fnUntraced(function* (isLast: boolean) {
    const lost = dropped
    dropped = 0
    if (lost > 0) yield* Effect.logWarning(`${lost} spans were dropped: more than ${waitingMax} waited`)
    const spans = waiting
    waiting = []
    for (let from = 0; from < spans.length; from += batchMax) {
      yield* telling(send(url, tracesBody(exporting.resource, spans.slice(from, from + batchMax)), isLast))
    }
  })
  yield* inRounds(round, exporting.spansEveryMillis)
  return makeTracer((span) => {
    if (waiting.length < waitingMax) waiting.push(span)
    else dropped += 1
  })
})

/** Sends the metrics of the registry; `sample` brings those up to date that have no history. */
export const metrics = Effect.fnUntraced(function* (exporting: Exporting, url: string, sample: Effect.Effect<void>) {
  const send = yield* makeSend(exporting)
  const telling = makeTelling("metrics")
  const startedAt = yield* Clock.currentTimeNanos
  const round = Effect.fnUntraced(function* (isLast: boolean) {
    yield* sample
    const now = yield* Clock.currentTimeNanos
    yield* telling(send(url, metricsBody(exporting.resource, snapshot(), startedAt, now), isLast))
  })
  yield* inRounds(round, exporting.metricsEveryMillis)
})

/** Redirects are not followed: they would carry the receiver's key along. */
export const layerClient = Layer.provide(
  FetchHttpClient.layer,
  Layer.succeed(FetchHttpClient.RequestInit, { redirect: "error" })
)

/** Sends every span of a request or a job to the receiver, in batches. */
export const layerTracer = (exporting: Exporting, url: string): Layer.Layer<never> =>
  Layer.unwrapScoped(Effect.map(tracer(exporting, url), Layer.setTracer)).pipe(Layer.provide(layerClient))
