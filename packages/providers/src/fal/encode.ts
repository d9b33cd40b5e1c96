import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import { type CallImage, type ProviderCall, ProviderError } from "@image-skill/core/provider/Provider"
import { Either, Redacted } from "effect"
import { imageBytesMax, type ReferenceRoute, type Route } from "./Record.ts"

type Refused = Either.Either<never, ProviderError>

const invalid = (message: string): Refused =>
  Either.left(new ProviderError({ reason: "invalid_request", message, billed: "no" }))

/** How an image is named in a body: its bytes, or where they were put. */
type AddressOf = (image: CallImage) => string

/** Images travel inside the request: nothing of ours has to be reachable from outside. */
const dataUri = (image: CallImage): string =>
  `data:${image.mediaType};base64,${Buffer.from(image.bytes.buffer, image.bytes.byteOffset, image.bytes.length).toString("base64")}`

/** All that a call brings along. */
export const imagesOf = (call: ProviderCall): ReadonlyArray<CallImage> =>
  [call.image, call.mask, ...call.references.map((one) => one.image)].filter((one) => one !== null)

/** Checked before anything is uploaded or sent. */
export const checkImages = (call: ProviderCall, route: Route): Either.Either<void, ProviderError> => {
  const images = imagesOf(call)
  const most = route.bytesMax ?? imageBytesMax
  const large = images.find((image) => image.bytes.length > most)
  if (large !== undefined) {
    return invalid(
      `an image has ${large.bytes.length} bytes; this model takes at most ${most}: make it smaller, or write it as JPEG or WebP first`
    )
  }
  if ((route.image ?? route.images) !== undefined && call.image === null) return invalid("there is no image to edit")
  return Either.right(undefined)
}

type References = ProviderCall["references"]

const inOrder = (references: References): References =>
  [...references].sort((a, b) => a.reference.index - b.reference.index)

const slotFields = (
  slots: Extract<ReferenceRoute, { slots: unknown }>["slots"],
  references: References,
  addressOf: AddressOf
): JsonObject =>
  Object.fromEntries(
    references.flatMap(({ reference, image }) => {
      const slot = slots[reference.index]
      if (slot === undefined) return []
      const task = reference.reference_task
      return [[slot[0], addressOf(image)] as const, ...(task === undefined ? [] : [[slot[1], task] as const])]
    })
  )

const elementOf = (own: References, addressOf: AddressOf): JsonObject => {
  const frontal = own.find(({ reference }) => reference.role === "element_frontal")
  const others = own
    .filter(({ reference }) => reference.role === "element_reference")
    .sort((a, b) => (a.reference.reference_index ?? 0) - (b.reference.reference_index ?? 0))
  return {
    ...(frontal === undefined ? {} : { frontal_image_url: addressOf(frontal.image) }),
    ...(others.length === 0 ? {} : { reference_image_urls: others.map(({ image }) => addressOf(image)) })
  }
}

const referenceFields = (route: ReferenceRoute, references: References, addressOf: AddressOf): JsonObject => {
  if (references.length === 0) return {}
  if ("slots" in route) return slotFields(route.slots, references, addressOf)
  if ("elements" in route) {
    const indexes = [...new Set(references.map(({ reference }) => reference.index))].sort((a, b) => a - b)
    return {
      [route.elements]: indexes.map((index) =>
        elementOf(
          references.filter(({ reference }) => reference.index === index),
          addressOf
        )
      )
    }
  }
  const addresses = inOrder(references).map(({ image }) => addressOf(image))
  return "list" in route ? { [route.list]: addresses } : { [route.single]: addresses[0] ?? null }
}

/** The input image, and the references: in one list where the model has one list for both. */
const imageFields = (call: ProviderCall, route: Route, addressOf: AddressOf): JsonObject => {
  const own = call.image === null ? [] : [addressOf(call.image)]
  if (route.images !== undefined && route.references !== undefined && "list" in route.references) {
    return { [route.images]: [...own, ...inOrder(call.references).map(({ image }) => addressOf(image))] }
  }
  return {
    ...(route.images === undefined ? {} : { [route.images]: own }),
    ...(route.image === undefined ? {} : { [route.image]: own[0] ?? null }),
    ...(route.references === undefined ? {} : referenceFields(route.references, call.references, addressOf))
  }
}

/** Where the seed decides the image, the calls of one job must not make the same one. */
const seedOf = (call: ProviderCall): JsonObject => {
  const seed: Json | undefined = call.parameters["seed"]
  return typeof seed === "number" && call.index > 0 ? { seed: seed + call.index } : {}
}

/**
 * The body of one request: the model's input as it is. Images that have an address in `uploaded` are named by it; the
 * others are inside, and cost a third more memory than their bytes.
 */
export const encodeCall = (
  call: ProviderCall,
  route: Route,
  uploaded: ReadonlyMap<CallImage, string> = new Map()
): Either.Either<JsonObject, ProviderError> =>
  Either.map(checkImages(call, route), () => {
    const count = call.model.output.countParameter
    const addressOf: AddressOf = (image) => uploaded.get(image) ?? dataUri(image)
    return {
      ...(route.prompt === undefined || call.prompt === null ? {} : { [route.prompt]: Redacted.value(call.prompt) }),
      ...call.parameters,
      ...seedOf(call),
      ...(count === null ? {} : { [count]: call.outputs }),
      ...imageFields(call, route, addressOf),
      ...(route.mask === undefined || call.mask === null ? {} : { [route.mask]: addressOf(call.mask) })
    }
  })
