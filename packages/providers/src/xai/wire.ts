import type { Json } from "@image-skill/core/kernel/Json"
import { UsdTicks } from "@image-skill/core/kernel/Money"
import { Scratch } from "@image-skill/core/kernel/Scratch"
import {
  type Adapter,
  type CallImage,
  type Outcome,
  type ProviderCall,
  ProviderError,
  type ProviderOutput
} from "@image-skill/core/provider/Provider"
import { Effect, Order, Schema } from "effect"
import { readLargeJson } from "../openai/largeJson.ts"
import { badOutput, type Encoded, fieldsOf, jsonTo, outputOf, shortWarnings } from "../openai/wire.ts"

const byIndex = Order.mapInput(Order.number, (one: ProviderCall["references"][number]) => one.reference.index)

const imageUrl = ({ bytes, mediaType }: CallImage): Json => ({
  url: `data:${mediaType};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`,
  type: "image_url"
})

/** Create and edit are both JSON. The input goes first, references follow in the order of their indexes. */
export const encodeCall = (call: ProviderCall): Effect.Effect<Encoded, ProviderError> =>
  Effect.gen(function* () {
    const fields = yield* fieldsOf(call)
    if (call.operation === "create") return jsonTo("/images/generations", fields)
    const references = [...call.references].sort(byIndex).map(({ image }) => image)
    const images = [...(call.image === null ? [] : [call.image]), ...references]
    const [first] = images
    if (first === undefined) {
      return yield* new ProviderError({ reason: "invalid_request", message: "there is no image to edit", billed: "no" })
    }
    const sources = images.length === 1 ? { image: imageUrl(first) } : { images: images.map(imageUrl) }
    return jsonTo("/images/edits", { ...fields, ...sources })
  })

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

const Answer = Schema.Struct({
  data: optional(
    Schema.Array(
      Schema.Struct({
        b64_json: optional(Schema.String),
        url: optional(Schema.String),
        respect_moderation: optional(Schema.Boolean)
      })
    )
  ),
  model: optional(Schema.String),
  usage: Schema.optional(Schema.Unknown)
})
const readAnswer = Schema.decodeUnknown(Schema.parseJson(Answer))

/** The true charge, in the very unit that we count in. */
const Usage = Schema.Struct({ cost_in_usd_ticks: Schema.Int.pipe(Schema.between(0, 10_000_000_000_000)) })
const readUsage = Schema.decodeUnknownOption(Usage)

const withheld = (cost: UsdTicks | null) =>
  new ProviderError({
    reason: "content_policy",
    message: "the provider's content policy withheld the image",
    billed: cost === null ? "unknown" : cost > 0 ? "yes" : "no"
  })

export const decodeReply: Adapter["decode"] = (call, reply) =>
  Effect.gen(function* () {
    const json = readLargeJson(reply.bytes, yield* Scratch)
    const answer = yield* Effect.mapError(readAnswer(json.text), () =>
      badOutput("the provider's answer cannot be read")
    )
    const usage = readUsage(answer.usage)
    const cost = usage._tag === "None" ? null : UsdTicks.make(usage.value.cost_in_usd_ticks)
    const outputs = (answer.data ?? []).flatMap((item): ReadonlyArray<ProviderOutput> => {
      // Moderation answers with status 200, and what picture there may be is a placeholder.
      if (item.respect_moderation === false) return [{ _tag: "Refused" }]
      const output = outputOf(item, json.bytesAt)
      return output === null ? [] : [output]
    })
    if (outputs.length === 0) return yield* badOutput("the provider's answer holds no image")
    if (outputs.every(({ _tag }) => _tag === "Refused")) return yield* withheld(cost)
    const outcome: Outcome = {
      outputs,
      cost,
      warnings: shortWarnings(outputs.length, call.outputs),
      details: answer.model === undefined || answer.model === null ? {} : { served_by: answer.model.slice(0, 100) }
    }
    return outcome
  })
