import type { CodecFailure, DigitalSourceType } from "@image-skill/core/assets/ImageCodec"
import {
  type Adapter,
  type CallImage,
  type ProviderCall,
  ProviderError,
  replyOf
} from "@image-skill/core/provider/Provider"
import { Effect } from "effect"
import { convert } from "./edit/convert.ts"
import type { Edited, EditInput, EditRefused } from "./edit/edit.ts"
import { grade } from "./edit/grade.ts"
import { maskEffect } from "./edit/maskEffect.ts"
import { resize } from "./edit/resize.ts"
import { renderInWorker } from "./pool.ts"
import { decodeReply, drawingFacts, editFacts, encodeCall, toProviderError } from "./wire.ts"

type Edit = (input: EditInput, call: ProviderCall) => Effect.Effect<Edited, EditRefused | CodecFailure>

const noMask = new Uint8Array()

/** The edits by model. Parameters were validated by the catalogue; each decodes them once more, to its own type. */
const edits: { readonly [modelId: string]: Edit } = {
  "local.grade": (input, call) => grade(input, call.parameters),
  "local.resize": (input, call) => resize(input, call.parameters),
  "local.convert": (input, call) => convert(input, call.parameters),
  "local.mask-effect": (input, call) => maskEffect({ ...input, mask: call.mask?.bytes ?? noMask }, call.parameters)
}

/** What XMP says of a picture whose origin is known: an edit keeps it. Of an upload nothing is known. */
const sourceTypes: {
  readonly [origin in CallImage["provenance"]]: { readonly digitalSourceType?: DigitalSourceType }
} = {
  generative_model: { digitalSourceType: "trainedAlgorithmicMedia" },
  algorithmic: { digitalSourceType: "algorithmicMedia" },
  uploaded: {}
}

const drawn = Effect.fn("local.draw")(function* (call: ProviderCall) {
  const request = yield* encodeCall(call)
  const image = yield* Effect.mapError(renderInWorker(request), toProviderError)
  return replyOf(`image/${image.format}`, image.bytes, drawingFacts(request, image))
})

const edited = Effect.fn("local.edit")(function* (call: ProviderCall, edit: Edit) {
  if (call.image === null) {
    return yield* new ProviderError({ reason: "invalid_request", message: "there is no image to edit", billed: "no" })
  }
  const input = { bytes: call.image.bytes, ...sourceTypes[call.image.provenance] }
  const result = yield* Effect.mapError(edit(input, call), toProviderError)
  return replyOf(result.mediaType, result.bytes, editFacts(result))
})

export const adapter: Adapter = {
  submit: (call) => {
    const edit = edits[call.model.id]
    return edit === undefined ? drawn(call) : edited(call, edit)
  },
  decode: (_call, reply) => decodeReply(reply)
}
