import { type Context, Effect, Option } from "effect"
import type { ResultSpool } from "../../assets/ResultSpool.ts"
import type { Model } from "../../catalog/Model.ts"
import { failure } from "../../kernel/Errors.ts"
import type { JsonObject } from "../../kernel/Json.ts"
import { limits } from "../../kernel/Limits.ts"
import { dimensionsOf, expectedSize } from "../../pricing/Pricing.ts"

/** Three bytes a pixel, which no compression makes much larger, as base64. */
const bytesPerPixel = 4

/** Of a model that does not say how large its images are. */
const pixelsUnknown = 2048 * 2048

/** Addresses, a prompt said back, timings. */
const textReplyBytes = 1024 * 1024

/** The most bytes that the reply to one call may have. */
const replyBytesMost = (model: Model, parameters: JsonObject, outputs: number): number => {
  if (model.output.repliesWithUrls === true) return textReplyBytes
  const size = Option.orElse(expectedSize(model, parameters), () => dimensionsOf(model.output.resolutionMax, {}))
  const pixels = Option.match(size, { onNone: () => pixelsUnknown, onSome: ({ width, height }) => width * height })
  return Math.min(limits.replyBytesMax, outputs * pixels * bytesPerPixel)
}

/** Room on the spool's disk that the replies to these calls need, in bytes: none where a lost reply costs nothing. */
export const roomFor = (model: Model, parameters: JsonObject, calls: ReadonlyArray<number>): number =>
  model.repeatable ? 0 : calls.reduce((sum, outputs) => sum + replyBytesMost(model, parameters, outputs), 0)

export interface Shortage {
  readonly freeBytes: number
  readonly neededBytes: number
}

/** As the refusal of a call that was not sent. */
export const tooFull = ({ freeBytes, neededBytes }: Shortage) =>
  failure(
    "STORAGE_UNAVAILABLE",
    `The disk has room for ${freeBytes} bytes and the provider's paid reply may need ${neededBytes}: nothing was sent, and nothing is charged`,
    { details: { bytes_free: freeBytes, bytes_needed: neededBytes } }
  )

/**
 * Keeps paid calls from being made whose replies cannot be kept. What calls in flight may still write is counted, in
 * this process.
 */
export const makeRoom = (spool: Pick<Context.Tag.Service<ResultSpool>, "roomBytes">) => {
  let promisedBytes = 0

  const short = (replyBytes: number, roomBytes: number | null): Shortage | null => {
    const freeBytes = Math.max(0, (roomBytes ?? Number.POSITIVE_INFINITY) - promisedBytes)
    const neededBytes = replyBytes + limits.spoolReserveBytes
    return freeBytes < neededBytes ? { freeBytes, neededBytes } : null
  }

  const shortageOf = (replyBytes: number): Effect.Effect<Shortage | null> =>
    replyBytes === 0 ? Effect.succeed(null) : Effect.map(spool.roomBytes, (room) => short(replyBytes, room))

  /** Sets the room aside in one step with the look at it. */
  const take = (replyBytes: number) =>
    replyBytes === 0
      ? Effect.succeed(null)
      : Effect.map(spool.roomBytes, (room) => {
          const shortage = short(replyBytes, room)
          if (shortage === null) promisedBytes += replyBytes
          return shortage
        })

  /** Makes a call while its room is set aside, or what is to be done where there is too little. */
  const within = <A, E, R, E2, R2>(
    replyBytes: number,
    call: Effect.Effect<A, E, R>,
    otherwise: (shortage: Shortage) => Effect.Effect<A, E2, R2>
  ) =>
    Effect.acquireUseRelease(
      take(replyBytes),
      (shortage): Effect.Effect<A, E | E2, R | R2> => (shortage === null ? call : otherwise(shortage)),
      (shortage) =>
        Effect.sync(() => {
          if (shortage === null) promisedBytes -= replyBytes
        })
    )

  return { shortageOf, within } as const
}
export type Room = ReturnType<typeof makeRoom>
