import { assert, describe, it } from "@effect/vitest"
import { onFolder, type Server, startedOf } from "../serve/house.ts"
import { pacedPlugin } from "../serve/paced.ts"
import { type Received, type ReceivedSpan, valuesOf, withReceiver } from "./receiver.ts"

const plugins = [pacedPlugin("paced", 4)]

const environmentOf = (url: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=7",
  OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
  OTEL_BSP_SCHEDULE_DELAY: "50"
})

const spansOf = ({ spans }: Received, traceId: string) => spans.filter((span) => span.traceId === traceId)

/** Names from the span to the root of its tree. */
const lineage = (spans: ReadonlyArray<ReceivedSpan>, name: string): ReadonlyArray<string> => {
  const names: Array<string> = []
  let at = spans.find((span) => span.name === name)
  while (at !== undefined) {
    names.push(at.name)
    const above = at.parentSpanId
    at = spans.find(({ spanId }) => spanId === above)
  }
  return names
}

const hexOf = (traceId: string) => traceId.replace("trace_", "")
const callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
const callersSpan = "00f067aa0ba902b7"

const served = (use: (server: Server, received: Received) => Promise<void>) =>
  withReceiver((url, received) =>
    onFolder(async (start) => {
      const server = await start({ plugins, environment: environmentOf(url) })
      await use(server, received)
    })
  )

describe("OTLP", () => {
  it("a create is one trace, every step of it beneath the request, which is beneath the caller's span", () =>
    served(async (server, received) => {
      const made = await server.create("paced.queue", 60, { traceparent: `00-${callersTrace}-${callersSpan}-01` })
      assert.strictEqual(made.envelope.trace_id, `trace_${callersTrace}`)
      assert.strictEqual(made.headers.get("x-image-skill-trace-id"), `trace_${callersTrace}`)
      await server.stop()
      assert.deepStrictEqual(received.problems, [])
      const spans = spansOf(received, callersTrace)
      const names = new Set(spans.map(({ name }) => name))
      for (const step of [
        ...["Identity.authenticate", "Studio.submit", "Studio.plan", "Studio.accept", "JobRunner.run"],
        ...["Provider.submit", "Provider.poll", "ResultSpool.write", "ImageInspector.inspect", "BlobStore.put"],
        "Attempt.move"
      ]) {
        assert.isTrue(names.has(step), `${step} of ${[...names].join(", ")}`)
      }
      const ids = new Set([callersSpan, ...spans.map(({ spanId }) => spanId)])
      for (const span of spans) assert.isTrue(ids.has(span.parentSpanId ?? ""), `${span.name} hangs on nothing`)
      assert.includeMembers(
        [...lineage(spans, "Provider.submit")],
        ["JobRunner.run", "Studio.submit", "http.server POST"]
      )
      assert.includeMembers([...lineage(spans, "sql.transaction")], ["http.server POST"])
      const root = spans.find(({ kind }) => kind === 2)
      assert.strictEqual(root?.parentSpanId, callersSpan)
      assert.include(valuesOf(root?.attributes ?? []), {
        "image_skill.command": "image-skill create",
        "image_skill.outcome": "ok",
        "http.response.status_code": 200
      })
      const run = spans.find(({ name }) => name === "JobRunner.run")
      assert.include(valuesOf(run?.attributes ?? []), {
        "image_skill.model": "paced.queue",
        "image_skill.provider": "paced"
      })
      assert.deepStrictEqual(received.resources[0], { "deployment.environment": "test", "service.name": "image-skill" })
      assert.strictEqual(received.headers[0]?.["x-tenant"], "7")
    }))

  it("sends what the house measures, once more when it ends", () =>
    served(async (server, received) => {
      await server.create("paced.sync", 20)
      await server.ask("/v1/models/none")
      await server.stop()
      const points = (name: string) => {
        const metric = received.metrics.find((one) => one.name === `image_skill_${name}`)
        const all = metric?.sum?.dataPoints ?? metric?.gauge?.dataPoints ?? metric?.histogram?.dataPoints ?? []
        return all.map((point) => ({ ...point, labels: valuesOf(point.attributes) }))
      }
      const labels = (name: string) => points(name).map((point) => point.labels)
      assert.deepInclude(labels("call_duration_seconds"), { command: "image-skill create", outcome: "ok" })
      assert.deepInclude(labels("call_duration_seconds"), {
        command: "image-skill models show",
        outcome: "MODEL_NOT_FOUND"
      })
      assert.deepInclude(labels("jobs_total"), { status: "completed", model: "paced.sync", provider: "paced" })
      assert.deepInclude(labels("provider_call_duration_seconds"), {
        provider: "paced",
        request: "submit",
        outcome: "ok"
      })
      assert.deepInclude(labels("overhead_seconds"), { stage: "run" })
      assert.deepInclude(labels("credits_total"), { movement: "settled" })
      assert.deepInclude(labels("process_memory_bytes"), { kind: "rss" })
      assert.deepInclude(labels("queue_jobs"), { provider: "paced", state: "waiting" })
      assert.lengthOf(points("open_jobs"), 1)
    }))

  it("a parent that is none begins a trace of our own", () =>
    served(async (server, received) => {
      const parents: ReadonlyArray<Record<string, string>> = [
        { traceparent: `00-${"0".repeat(32)}-${callersSpan}-01` },
        { traceparent: "00-canary" },
        { b3: "canary of a stranger-1-1" },
        { "x-b3-traceid": "canary", "x-b3-spanid": "canary" }
      ]
      const traces = await Promise.all(
        parents.map((headers) => server.ask("/v1/quota", { headers }).then(({ envelope }) => envelope.trace_id))
      )
      await server.stop()
      for (const trace of traces) {
        const root = spansOf(received, hexOf(trace)).find(({ kind }) => kind === 2)
        assert.isDefined(root, trace)
        assert.isUndefined(root?.parentSpanId)
      }
      assert.strictEqual(new Set(traces).size, parents.length)
      assert.notInclude(received.texts.join(), "canary")
    }))

  it("a job that the next process goes on with keeps its trace, and looks by the clock are in none", () =>
    withReceiver((url, received) =>
      onFolder(async (start) => {
        const first = await start({ plugins, environment: environmentOf(url) })
        const begun = await first.create("paced.queue", 400, {}, { wait_ms: 0 })
        const { job_id } = startedOf(begun)
        await first.stop()
        const before = received.spans.length
        const next = await start({ plugins, environment: environmentOf(url) })
        await next.ask(`/v1/jobs/${job_id}?wait_ms=5000`)
        await next.stop()
        const own = spansOf({ ...received, spans: received.spans.slice(before) }, hexOf(begun.envelope.trace_id))
        assert.isUndefined(own.find(({ name }) => name === "JobRunner.run")?.parentSpanId)
        assert.includeMembers([...lineage(own, "BlobStore.put")], ["Attempt.run", "JobRunner.run"])
        assert.notInclude(
          received.spans.map(({ name }) => name),
          "JobRunner.resume"
        )
      })
    ))

  it("a receiver that is away does not keep the house from its work", () =>
    onFolder(async (start) => {
      const server = await start({
        plugins,
        environment: { ...environmentOf("http://127.0.0.1:9"), IMAGE_SKILL_LOG_LEVEL: "none" }
      })
      assert.strictEqual((await server.create("paced.sync", 0)).status, 200)
    }))

  it("off sends nothing", () =>
    withReceiver((url, received) =>
      onFolder(async (start) => {
        const server = await start({ plugins, environment: { ...environmentOf(url), IMAGE_SKILL_TELEMETRY: "off" } })
        const { envelope } = await server.create("paced.sync", 0, {
          traceparent: `00-${callersTrace}-${callersSpan}-01`
        })
        await server.stop()
        assert.notInclude(envelope.trace_id, callersTrace)
        assert.lengthOf(received.texts, 0)
      })
    ))
})
