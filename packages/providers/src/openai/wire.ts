import type { Model } from "@image-skill/core/catalog/Model"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import { extensionOf } from "@image-skill/core/kernel/Media"
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
import { Effect, Option, Redacted, Schema } from "effect"
import { readLargeJson } from "./largeJson.ts"
import { multipart, type Part } from "./multipart.ts"

/** What a model's `upstream` must say for this wire. */
const Upstream = Schema.Struct({
  model: Schema.String,
  ticks_per_token: Schema.optional(
    Schema.NullOr(
      Schema.Struct({
        textInput: Schema.Int,
        imageInput: Schema.Int,
        imageOutput: Schema.Int,
        textOutput: Schema.optional(Schema.Int)
      })
    )
  )
})
type Rates = NonNullable<typeof Upstream.Type.ticks_per_token>

const readUpstream = Schema.decodeUnknownOption(Upstream)

const invalid = (message: string) => new ProviderError({ reason: "invalid_request", message, billed: "no" })

/** Where a call goes, below the base URL, and what it says. */
export interface Encoded {
  readonly path: string
  readonly contentType: string
  readonly body: string | Uint8Array
}

export const jsonTo = (path: string, fields: JsonObject): Encoded => ({
  path,
  contentType: "application/json",
  body: JSON.stringify(fields)
})

/** The fields of a call that are no files, named as the provider names them. */
export const fieldsOf = (call: ProviderCall): Effect.Effect<{ readonly [name: string]: Json }, ProviderError> =>
  Option.match(readUpstream(call.model.upstream), {
    onNone: () => Effect.fail(invalid(`${call.model.id} does not say which model it is upstream`)),
    onSome: ({ model }) => {
      const count = call.model.output.countParameter
      return Effect.succeed({
        model,
        prompt: call.prompt === null ? "" : Redacted.value(call.prompt),
        ...call.parameters,
        ...(count === null ? {} : { [count]: call.outputs })
      })
    }
  })

const fileOf = (name: string, image: CallImage): Part => ({
  name,
  value: { bytes: image.bytes, filename: `${name}.${extensionOf(image.mediaType)}`, mediaType: image.mediaType }
})

const editOf = (call: ProviderCall, image: CallImage, fields: { readonly [name: string]: Json }): Encoded => {
  const texts = Object.entries(fields).map(
    ([name, value]): Part => ({ name, value: typeof value === "string" ? value : JSON.stringify(value) })
  )
  const files = [fileOf("image", image), ...(call.mask === null ? [] : [fileOf("mask", call.mask)])]
  return { path: "/images/edits", ...multipart(`image-skill-${call.attemptId}`, [...texts, ...files]) }
}

/** Create is JSON, edit a form with files. */
export const encodeCall = (call: ProviderCall): Effect.Effect<Encoded, ProviderError> =>
  Effect.gen(function* () {
    const fields = yield* fieldsOf(call)
    if (call.operation === "create") return jsonTo("/images/generations", fields)
    return call.image === null ? yield* invalid("there is no image to edit") : editOf(call, call.image, fields)
  })

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

const Count = Schema.Int.pipe(Schema.between(0, 100_000_000))

const Usage = Schema.Struct({
  input_tokens: Count,
  output_tokens: Count,
  input_tokens_details: optional(Schema.Struct({ text_tokens: optional(Count), image_tokens: optional(Count) })),
  output_tokens_details: optional(Schema.Struct({ text_tokens: optional(Count), image_tokens: optional(Count) }))
})
const readUsage = Schema.decodeUnknownOption(Usage)

const Answer = Schema.Struct({
  data: optional(Schema.Array(Schema.Struct({ b64_json: optional(Schema.String), url: optional(Schema.String) }))),
  size: optional(Schema.String),
  quality: optional(Schema.String),
  background: optional(Schema.String),
  output_format: optional(Schema.String),
  usage: Schema.optional(Schema.Unknown)
})
const readAnswer = Schema.decodeUnknown(Schema.parseJson(Answer))

/** A class that the answer does not split off counts at the dearer rate, so that no cost is understated. */
const split = (all: number, text: number | null | undefined) => {
  const texts = Math.min(all, text ?? 0)
  return { texts, images: all - texts }
}

/** What tokens cost, exactly. Cached input has a cheaper rate, but answers do not say how much was cached. */
export const costOf = (rates: Rates, usage: typeof Usage.Type): UsdTicks => {
  const input = split(usage.input_tokens, usage.input_tokens_details?.text_tokens)
  const output = split(usage.output_tokens, usage.output_tokens_details?.text_tokens)
  return UsdTicks.make(
    input.texts * rates.textInput +
      input.images * rates.imageInput +
      output.texts * (rates.textOutput ?? rates.imageOutput) +
      output.images * rates.imageOutput
  )
}

export const badOutput = (message: string) => new ProviderError({ reason: "bad_output", message, billed: "unknown" })

/** One image of an answer: base64, a data URI, or a URL; null when it is none of them. */
export const outputOf = (
  item: { readonly b64_json?: string | null | undefined; readonly url?: string | null | undefined },
  bytesAt: (value: string) => Uint8Array | null
): ProviderOutput | null => {
  const encoded = item.b64_json ?? (item.url?.startsWith("http") === false ? item.url : null)
  if (encoded !== null && encoded !== undefined && encoded !== "") {
    const bytes = bytesAt(encoded)
    return bytes === null || bytes.length === 0 ? null : { _tag: "Bytes", bytes }
  }
  return item.url === undefined || item.url === null || item.url === "" ? null : { _tag: "Url", url: item.url }
}

/** "2 of 3 images": what came short of what was asked for. */
export const shortWarnings = (got: number, asked: number): ReadonlyArray<string> =>
  got < asked ? [`the provider made ${got} of ${asked} images`] : []

const usageCost = (model: Model, usage: unknown): UsdTicks | null => {
  const rates = Option.getOrNull(readUpstream(model.upstream))?.ticks_per_token ?? null
  const used = Option.getOrNull(readUsage(usage))
  return rates === null || used === null ? null : costOf(rates, used)
}

const detailsOf = (answer: typeof Answer.Type): JsonObject => {
  const used = Option.getOrNull(readUsage(answer.usage))
  const told = {
    size: answer.size,
    quality: answer.quality,
    background: answer.background,
    output_format: answer.output_format
  }
  return {
    ...Object.fromEntries(
      Object.entries(told).flatMap(
        ([name, value]): ReadonlyArray<[string, Json]> => (value === undefined || value === null ? [] : [[name, value]])
      )
    ),
    ...(used === null ? {} : { usage: { input_tokens: used.input_tokens, output_tokens: used.output_tokens } })
  }
}

export const decodeReply: Adapter["decode"] = (call, reply) =>
  Effect.gen(function* () {
    const json = readLargeJson(reply.bytes, yield* Scratch)
    const answer = yield* Effect.mapError(readAnswer(json.text), () =>
      badOutput("the provider's answer cannot be read")
    )
    const outputs = (answer.data ?? []).flatMap((item) => {
      const output = outputOf(item, json.bytesAt)
      return output === null ? [] : [output]
    })
    if (outputs.length === 0) return yield* badOutput("the provider's answer holds no image")
    const outcome: Outcome = {
      outputs,
      cost: usageCost(call.model, answer.usage),
      warnings: shortWarnings(outputs.length, call.outputs),
      details: detailsOf(answer)
    }
    return outcome
  })
