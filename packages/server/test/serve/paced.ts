import { capabilityOf } from "@image-skill/core/catalog/Model"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { decodeImage, define, type Plugin, type ProviderCall, replyOf } from "@image-skill/core/provider/Provider"
import { fakeModel } from "@image-skill/core/testing/FakeProviderModels"
import { fakePng } from "@image-skill/core/testing/FakeProviderPng"
import { Clock, Config, Effect } from "effect"

const plain = fakeModel("plain", {})

const millisOf = (call: ProviderCall): number => {
  const millis = call.parameters["millis"]
  return typeof millis === "number" ? millis : 0
}

/** How long the calls take that reached the provider: those begun, and those answered, in order. */
export interface Seen {
  readonly begun: Array<string>
  readonly answered: Array<string>
}

const models = (id: ProviderId) =>
  (["sync", "queue"] as const).map((kind) => ({
    ...plain,
    id: ModelId.make(`${id}.${kind}`),
    displayName: `${id} ${kind}`,
    provider: id,
    capability: capabilityOf("generate", `${id}.${kind}`),
    parameters: {
      millis: {
        schema: { type: "integer" as const, minimum: 0, maximum: 60_000 },
        execution: "executable" as const,
        default: 0
      }
    }
  }))

/**
 * A provider whose pictures take as long as the request says. `sync` answers the call itself; `queue` gives a handle
 * that any process can ask after.
 */
export const pacedPlugin = (name: string, concurrency: number, seen: Seen = { begun: [], answered: [] }): Plugin => {
  const id = ProviderId.make(name)
  return define({
    id,
    displayName: name,
    models: models(id),
    config: Config.succeed(null),
    concurrency,
    make: () =>
      Effect.succeed({
        submit: (call) =>
          Effect.gen(function* () {
            seen.begun.push(String(millisOf(call)))
            const readyAt = (yield* Clock.currentTimeMillis) + millisOf(call)
            if (call.model.id.endsWith(".queue")) return { _tag: "Accepted" as const, handle: { readyAt } }
            yield* Effect.sleep(millisOf(call))
            seen.answered.push(String(millisOf(call)))
            return replyOf("image/png", fakePng(16, 16, call.attemptId))
          }),
        poll: (handle) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            const readyAt = typeof handle === "object" && handle !== null && "readyAt" in handle ? handle.readyAt : 0
            if (now < Number(readyAt)) return { _tag: "Running" as const }
            const { reply } = { reply: replyOf("image/png", fakePng(16, 16, "queued")) }
            return reply._tag === "Replied" ? reply : { _tag: "Running" as const }
          }),
        pollEvery: "50 millis",
        decode: decodeImage
      })
  })
}
