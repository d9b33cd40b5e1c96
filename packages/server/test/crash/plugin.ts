import { request as httpRequest, type IncomingMessage } from "node:http"
import { gunzipSync } from "node:zlib"
import { capabilityOf, type Model } from "@image-skill/core/catalog/Model"
import { type AttemptId, ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import type { Json } from "@image-skill/core/kernel/Json"
import { UsdTicks } from "@image-skill/core/kernel/Money"
import {
  type Adapter,
  define,
  type Plugin,
  type ProviderCall,
  ProviderError,
  type Reply
} from "@image-skill/core/provider/Provider"
import { fakeModel } from "@image-skill/core/testing/FakeProviderModels"
import { Config, Effect, Schema, Stream } from "effect"
import type { Point } from "./plan.ts"
import { Answer, Job, Shape, ticksPerImage } from "./wire.ts"

/** Called where the plugin is between two acts of its own: `answered` and `half`. */
export type PassPoint = (point: Point) => Effect.Effect<void>

const crashId = ProviderId.make("crash")
/** The same upstream for those who may ask after an attempt whose answer was lost. */
const askingId = ProviderId.make("asking")

const plain = fakeModel("plain", {})

const modelOf = (shape: Shape, own: Partial<Model>): Model => ({
  ...plain,
  id: ModelId.make(`crash.${shape}`),
  displayName: `Crash ${shape}`,
  provider: shape === "find" ? askingId : crashId,
  capability: capabilityOf(shape === "free" ? "edit" : "generate", `crash.${shape}`),
  price: {
    ...plain.price,
    rule: { kind: "per_image", tiers: [{ when: {}, ticks: UsdTicks.make(ticksPerImage[shape]) }] }
  },
  parameters: {
    slow: { schema: { type: "integer", minimum: 0, maximum: 60_000 }, execution: "executable", default: 0 },
    large: { schema: { type: "boolean" }, execution: "executable", default: false }
  },
  ...own
})

const models: ReadonlyArray<Model> = [
  modelOf("sync", {}),
  modelOf("queue", {}),
  modelOf("find", {}),
  modelOf("batch", { output: { ...plain.output, outputsPerCall: 2, countParameter: "n" } }),
  modelOf("free", {
    operations: ["image.edit"],
    input: { ...plain.input, image: "required" },
    repeatable: true,
    provenance: "algorithmic"
  })
]

const broken = (message: string, reason: "unavailable" | "outcome_unknown" | "bad_output") =>
  new ProviderError({ reason, message, billed: reason === "unavailable" ? "no" : "unknown" })

const ask = (base: string, path: string, body: string | null): Effect.Effect<IncomingMessage, ProviderError> =>
  Effect.async((resume) => {
    const request = httpRequest(`${base}${path}`, { method: body === null ? "GET" : "POST", agent: false })
    request.on("response", (response) => resume(Effect.succeed(response)))
    request.on("error", (error) =>
      resume(Effect.fail(broken(`no answer: ${error.message}`, body === null ? "unavailable" : "outcome_unknown")))
    )
    request.end(body ?? undefined)
  })

const bytesOf = (response: IncomingMessage) =>
  Stream.fromAsyncIterable(response, () => broken("the answer was cut", "outcome_unknown")).pipe(
    Stream.map((chunk: unknown) => (chunk instanceof Uint8Array ? new Uint8Array(chunk) : new Uint8Array()))
  )

const decodeJob = Schema.decode(Schema.parseJson(Job))
const decodeAnswer = Schema.decode(Schema.parseJson(Answer))
const decodeShape = Schema.decodeUnknownSync(Shape)

const jobOf = (response: IncomingMessage) =>
  bytesOf(response).pipe(
    Stream.decodeText(),
    Stream.mkString,
    Effect.flatMap(decodeJob),
    Effect.mapError(() => broken("the answer is none", "outcome_unknown"))
  )

const orderOf = (call: ProviderCall): string =>
  JSON.stringify({
    attempt: call.attemptId,
    model: decodeShape(call.model.id.slice("crash.".length)),
    outputs: call.outputs,
    slowMillis: call.parameters["slow"],
    isLarge: call.parameters["large"]
  })

const handleOf = (handle: Json): string => (typeof handle === "string" ? handle : "")

const adapterOf = (base: string, pass: PassPoint, canFind: boolean): Adapter => {
  const replyOf = (response: IncomingMessage): Reply => ({
    contentType: "application/gzip",
    facts: {},
    body: Stream.zipWithIndex(bytesOf(response)).pipe(
      Stream.mapEffect(([chunk, index]) => Effect.as(index === 0 ? pass("half") : Effect.void, chunk)),
      Stream.runCollect,
      Effect.map((chunks) => new Uint8Array(Buffer.concat([...chunks])))
    )
  })

  const submit: Adapter["submit"] = (call) =>
    Effect.gen(function* () {
      const isQueued = call.model.id === "crash.queue" || call.model.id === "crash.find"
      const response = yield* ask(base, isQueued ? "/submit" : "/generate", orderOf(call))
      if (!isQueued) {
        yield* pass("answered")
        return { _tag: "Replied", reply: replyOf(response) }
      }
      const { handle } = yield* jobOf(response)
      yield* pass("answered")
      return { _tag: "Accepted", handle }
    })

  const poll = (handle: Json) =>
    Effect.gen(function* () {
      const { state } = yield* Effect.flatMap(ask(base, `/status/${handleOf(handle)}`, null), jobOf)
      if (state === "running") return { _tag: "Running" as const }
      if (state === "canceled") return { _tag: "Canceled" as const }
      const response = yield* ask(base, `/result/${handleOf(handle)}`, null)
      return { _tag: "Replied" as const, reply: replyOf(response) }
    })

  return {
    submit,
    poll,
    pollEvery: "20 millis",
    cancel: (handle) => Effect.asVoid(ask(base, `/cancel/${handleOf(handle)}`, "")),
    decode: (_call, reply) =>
      Effect.try(() => gunzipSync(reply.bytes).toString("utf8")).pipe(
        Effect.flatMap(decodeAnswer),
        Effect.mapBoth({
          onFailure: () => broken("the answer cannot be read", "bad_output"),
          onSuccess: ({ cost, images }) => ({
            outputs: images.map((image) => ({
              _tag: "Bytes" as const,
              bytes: new Uint8Array(Buffer.from(image, "base64"))
            })),
            cost: UsdTicks.make(cost),
            warnings: [],
            details: {}
          })
        })
      ),
    ...(canFind
      ? {
          find: (attempt: AttemptId) =>
            Effect.map(Effect.flatMap(ask(base, `/find/${attempt}`, null), jobOf), ({ handle }) => handle)
        }
      : {})
  }
}

/** Plugins over the upstream at `base`: a synchronous model, queues with and without `find`, a batch, a free edit. */
export const crashPlugins = (base: string, pass: PassPoint): ReadonlyArray<Plugin> =>
  [crashId, askingId].map((id) =>
    define({
      id,
      displayName: id,
      models: models.filter((model) => model.provider === id),
      config: Config.succeed(base),
      make: (url) => Effect.succeed(adapterOf(url, pass, id === askingId)),
      concurrency: 4
    })
  )
