import { capabilityOf } from "@image-skill/core/catalog/Model"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { decodeImage, define, ProviderError, replyOf } from "@image-skill/core/provider/Provider"
import { fakeModel } from "@image-skill/core/testing/FakeProviderModels"
import { fakePng } from "@image-skill/core/testing/FakeProviderPng"
import { Config, Effect } from "effect"

const id = ProviderId.make("stand-in")

const own = (name: string, more: Parameters<typeof fakeModel>[1] = {}) => ({
  ...fakeModel("plain", more),
  id: ModelId.make(`${id}.${name}`),
  displayName: `Stand-in ${name}`,
  provider: id,
  capability: capabilityOf(name === "change" ? "edit" : "generate", `${id}.${name}`)
})

const input = fakeModel("plain", {}).input

const models = [
  own("make", {
    parameters: {
      seed: { schema: { type: "integer", minimum: 0, maximum: 1000 }, execution: "executable", default: 7 },
      style: { schema: { type: "string", maxLength: 100 }, execution: "executable" }
    }
  }),
  own("change", {
    operations: ["image.edit"],
    input: {
      ...input,
      image: "required",
      mask: "optional",
      references: { kind: "images", indexesMax: 4, tasks: [] }
    }
  }),
  own("refuse"),
  own("wait")
]

/** A provider that answers at once, one of whose models refuses and one of which takes for ever. */
export const standIn = define({
  id,
  displayName: "Stand-in",
  models,
  config: Config.succeed(null),
  concurrency: 8,
  make: () =>
    Effect.sync(() => {
      const canceled = new Set<unknown>()
      return {
        submit: (call) => {
          if (call.model.id.endsWith(".refuse")) {
            return Effect.fail(new ProviderError({ reason: "content_policy", message: "not that", billed: "no" }))
          }
          return Effect.succeed(
            call.model.id.endsWith(".wait")
              ? { _tag: "Accepted", handle: call.attemptId }
              : replyOf("image/png", fakePng(400, 400, call.attemptId), { seed: 7 })
          )
        },
        poll: (handle) => Effect.sync(() => ({ _tag: canceled.has(handle) ? "Canceled" : "Running" })),
        cancel: (handle) => Effect.sync(() => void canceled.add(handle)),
        pollEvery: "50 millis",
        decode: decodeImage
      }
    })
})
