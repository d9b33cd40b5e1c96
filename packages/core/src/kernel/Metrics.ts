import { Clock, Effect, Exit, Metric, MetricBoundaries } from "effect"
import type { Credits } from "./Money.ts"

/** From what a look at a row takes to the longest wait for a provider. */
const bounds = MetricBoundaries.fromIterable([
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300
])

/** Every name begins so: what else is in the registry of the process is not ours. */
export const metricPrefix = "image_skill_"

const seconds = (name: string, description: string) =>
  Metric.histogram(`${metricPrefix}${name}_seconds`, bounds, description)

const counter = (name: string, description: string) =>
  Metric.counter(`${metricPrefix}${name}_total`, { description, incremental: true })

type Labels = { readonly [name: string]: string }

/**
 * A metric with labels of these names. Each combination of values is made once, as the registry keeps it for ever anyway:
 * values are words of closed lists, never what a caller wrote.
 */
const labelled = <Type, In, Out>(metric: Metric.Metric<Type, In, Out>) => {
  const known = new Map<string, Metric.Metric<Type, In, Out>>()
  return (labels: Labels): Metric.Metric<Type, In, Out> => {
    const key = Object.values(labels).join("\n")
    const made =
      known.get(key) ?? Object.entries(labels).reduce((one, [name, value]) => Metric.tagged(one, name, value), metric)
    known.set(key, made)
    return made
  }
}

const callSeconds = labelled(
  seconds("call_duration", "Calls of the API until they are answered, by command and outcome")
)
const jobs = labelled(counter("jobs", "Jobs that have ended, by status, model and provider"))
const credits = labelled(counter("credits", "Credits that were held, settled and released"))
const providerSeconds = labelled(
  seconds("provider_call_duration", "Requests to a provider, by provider, kind and outcome")
)
const workSeconds = labelled(seconds("provider_work", "From the claim of an attempt to the provider's whole reply"))
const overheadSeconds = labelled(
  seconds("overhead", "Our own time of a job, without the provider's and the wait for a turn")
)
const queued = labelled(
  Metric.gauge(`${metricPrefix}queue_jobs`, {
    description: "Jobs in the turns of a provider in this process: running, and waiting"
  })
)
const openJobs = Metric.gauge(`${metricPrefix}open_jobs`, { description: "Jobs of this process that have not ended" })
const memoryBytes = labelled(
  Metric.gauge(`${metricPrefix}process_memory_bytes`, { description: "Memory of this process" })
)

/** An answered call. `outcome` is `ok` or the error's code. */
export const countCall = (command: string, outcome: string, millis: number): Effect.Effect<void> =>
  Metric.update(callSeconds({ command, outcome }), millis / 1000)

export const countJob = (status: string, model: string | null, provider: string | null): Effect.Effect<void> =>
  Metric.increment(jobs({ status, model: model ?? "none", provider: provider ?? "none" }))

/** Credits of one movement; those of unmetered organizations count as well. */
export const countCredits = (movement: "held" | "settled" | "released", amount: Credits): Effect.Effect<void> =>
  amount <= 0 ? Effect.void : Metric.incrementBy(credits({ movement }), amount)

/** A provider's whole work on an attempt: for queues this is what a request does not show. */
export const countWork = (provider: string, model: string, millis: number): Effect.Effect<void> =>
  Metric.update(workSeconds({ provider, model }), millis / 1000)

/** `accept`: from the request to the job. `run`: from the job's lease to its end. */
export const countOverhead = (stage: "accept" | "run", millis: number): Effect.Effect<void> =>
  Metric.update(overheadSeconds({ stage }), millis / 1000)

/** Times a request to a provider, whatever becomes of it. `outcomeOf` names a failure: one of few words. */
export const timedRequest =
  <E>(provider: string, request: string, outcomeOf: (error: E) => string) =>
  <A, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Clock.currentTimeMillis, (begun) =>
      Effect.onExit(effect, (exit) => {
        const outcome = Exit.match(exit, {
          onSuccess: () => "ok",
          onFailure: (cause) => (cause._tag === "Fail" ? outcomeOf(cause.error) : "broken")
        })
        return Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Metric.update(providerSeconds({ provider, request, outcome }), (now - begun) / 1000)
        )
      })
    )

/** What is looked at when somebody asks, and has no history. */
export interface Load {
  readonly openJobs: number
  readonly lanes: ReadonlyArray<{ readonly provider: string; readonly running: number; readonly waiting: number }>
}

export const setLoad = (load: Load): Effect.Effect<void> =>
  Effect.zipRight(
    Metric.set(openJobs, load.openJobs),
    Effect.forEach(
      load.lanes,
      ({ provider, running, waiting }) =>
        Effect.zipRight(
          Metric.set(queued({ provider, state: "running" }), running),
          Metric.set(queued({ provider, state: "waiting" }), waiting)
        ),
      { discard: true }
    )
  )

/** Bytes by kind, as the host names them: `rss`, `heap_used`. */
export const setMemory = (bytes: { readonly [kind: string]: number }): Effect.Effect<void> =>
  Effect.forEach(Object.entries(bytes), ([kind, value]) => Metric.set(memoryBytes({ kind }), value), {
    discard: true
  })
