import type { IncomingMessage } from "node:http"
import { limits } from "@image-skill/core/kernel/Limits"
import { Scratch, type ScratchMemory } from "@image-skill/core/kernel/Scratch"
import type { ProviderError } from "@image-skill/core/provider/Provider"
import { Effect } from "effect"

// Not the response's own iterator, and no stream: they hand on pieces of 64 KiB, and each costs more on its way than it
// holds. Here they are copied, while they are young, to where they lie one after another.

/** A body that is silent this long has broken. */
const silenceMillis = 60_000
/** For a body that does not say how long it is; doubled when it is full. */
const firstRoomBytes = 64 * 1024

/** Null where the answer does not say, or more than a reply may have. */
const declaredBytes = ({ headers }: IncomingMessage): number | null => {
  const declared = Number(headers["content-length"] ?? Number.NaN)
  return Number.isSafeInteger(declared) && declared > 0 && declared <= limits.replyBytesMax ? declared : null
}

/** What has arrived. Of a declared length it needs to move nothing. */
const makeRoom = (bytes: number, scratch: ScratchMemory) => {
  let memory: Uint8Array = scratch.take(bytes)
  let filled = 0
  return {
    filled: () => filled,
    add: (chunk: Uint8Array) => {
      if (filled + chunk.length > memory.length) {
        const grown = scratch.take(Math.max(2 * memory.length, filled + chunk.length))
        grown.set(memory.subarray(0, filled))
        memory = grown
      }
      memory.set(chunk, filled)
      filled += chunk.length
    },
    whole: (): Uint8Array => memory.subarray(0, filled)
  }
}

/**
 * The first `bytesMax` bytes of an answer's body, in scratch memory. The connection is closed where there are more, and
 * when nobody waits any more. `broken`: it broke, or was silent for a minute.
 */
export const firstBytes = (
  response: IncomingMessage,
  bytesMax: number,
  broken: () => ProviderError
): Effect.Effect<Uint8Array, ProviderError> =>
  Effect.flatMap(Scratch, (scratch) =>
    Effect.async<Uint8Array, ProviderError>((resume) => {
      const room = makeRoom(Math.min(bytesMax, declaredBytes(response) ?? firstRoomBytes), scratch)
      let isOver = false
      const stop = () => {
        isOver = true
        clearTimeout(silence)
        if (!response.readableEnded) response.destroy()
      }
      const end = (how: () => Effect.Effect<Uint8Array, ProviderError>) => () => {
        if (isOver) return
        stop()
        resume(how())
      }
      const fail = end(() => Effect.fail(broken()))
      const give = end(() => Effect.succeed(room.whole()))
      const silence = setTimeout(fail, silenceMillis)
      response.on("data", (chunk: Buffer) => {
        // The memory is another's by then.
        if (isOver) return
        silence.refresh()
        room.add(chunk.subarray(0, bytesMax - room.filled()))
        if (room.filled() >= bytesMax) give()
      })
      response.on("end", give)
      response.on("error", fail)
      response.on("close", fail)
      if (response.destroyed && !response.readableEnded) fail()
      return Effect.sync(stop)
    })
  )
