import type { IncomingMessage } from "node:http"
import { limits } from "@image-skill/core/kernel/Limits"
import { Scratch, type ScratchMemory } from "@image-skill/core/kernel/Scratch"
import type { ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, Option, Stream } from "effect"

// Not the response's own iterator: that hands on pieces of 64 KiB, and each costs more on its way than it holds. Here
// they are copied, while they are young, to where they lie one after another, and handed on by the megabyte.

/** A body that is silent this long has broken. */
const silenceMillis = 60_000
/** The first piece is small, for answers of which no more is read; each is twice the one before. */
const firstPieceBytes = 64 * 1024
const pieceBytesMax = 1024 * 1024

/** Null where the answer does not say, or more than a reply may have. */
const declaredBytes = ({ headers }: IncomingMessage): number | null => {
  const declared = Number(headers["content-length"] ?? Number.NaN)
  return Number.isSafeInteger(declared) && declared > 0 && declared <= limits.replyBytesMax ? declared : null
}

/** What has arrived and was not taken. With a declared length all pieces are parts of one buffer. */
const makeRoom = (declared: number | null, scratch: ScratchMemory) => {
  let buffer: Uint8Array = declared === null ? Buffer.allocUnsafeSlow(pieceBytesMax) : scratch.take(declared)
  let [taken, filled] = [0, 0]
  return {
    waiting: () => filled - taken,
    add: (chunk: Uint8Array) => {
      if (filled + chunk.length > buffer.length) {
        const grown = Buffer.allocUnsafeSlow(filled - taken + chunk.length + pieceBytesMax)
        grown.set(buffer.subarray(taken, filled))
        ;[buffer, taken, filled] = [grown, 0, filled - taken]
      }
      buffer.set(chunk, filled)
      filled += chunk.length
    },
    take: (): Uint8Array => {
      const piece = buffer.subarray(taken, filled)
      taken = filled
      return piece
    }
  }
}

type End = "open" | "ended" | "broken"

const listen = (response: IncomingMessage, scratch: ScratchMemory) => {
  const room = makeRoom(declaredBytes(response), scratch)
  let pieceBytes = firstPieceBytes
  let end: End = "open"
  let isClosed = false
  let look: () => void = () => undefined
  let silence: NodeJS.Timeout | undefined
  const over = (how: End) => () => {
    if (end === "open") end = how
    look()
  }
  response.on("data", (chunk: Buffer) => {
    // The memory is another's by then.
    if (isClosed) return
    silence?.refresh()
    room.add(chunk)
    if (room.waiting() < pieceBytes) return
    response.pause()
    look()
  })
  response.pause()
  response.on("end", over("ended"))
  response.on("error", over("broken"))
  response.on("close", over("broken"))
  if (response.destroyed && !response.readableEnded) end = "broken"

  /** A piece, or how it ended. What came before a break is not handed on. */
  const next = Effect.async<Uint8Array, Exclude<End, "open">>((resume) => {
    const stop = () => {
      clearTimeout(silence)
      look = () => undefined
    }
    look = () => {
      if (end === "broken") {
        stop()
        resume(Effect.fail(end))
      } else if (room.waiting() >= pieceBytes || (end === "ended" && room.waiting() > 0)) {
        stop()
        pieceBytes = Math.min(pieceBytes * 2, pieceBytesMax)
        resume(Effect.succeed(room.take()))
      } else if (end === "ended") {
        stop()
        resume(Effect.fail(end))
      }
    }
    silence = setTimeout(over("broken"), silenceMillis)
    look()
    if (end === "open") response.resume()
    return Effect.sync(stop)
  })

  /** Who reads no more closes the connection, unless it was read to its end. */
  const close = Effect.sync(() => {
    clearTimeout(silence)
    isClosed = true
    if (!response.readableEnded) response.destroy()
  })
  return { next, close }
}

/** An answer's body as it arrives, for one reader. `broken`: the connection broke, or was silent for a minute. */
export const bodyOf = (
  response: IncomingMessage,
  broken: () => ProviderError
): Stream.Stream<Uint8Array, ProviderError> =>
  Stream.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(
        Effect.map(Scratch, (scratch) => listen(response, scratch)),
        ({ close }) => close
      ),
      ({ next }) =>
        Stream.repeatEffectOption(
          Effect.mapError(next, (end) => (end === "ended" ? Option.none() : Option.some(broken())))
        )
    )
  )
