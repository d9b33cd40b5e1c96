import { CodecFailure, type CodecReason } from "@image-skill/core/assets/ImageCodec"
import { Effect } from "effect"
import type sharpModule from "sharp"
import type { SharpOptions } from "sharp"

export type Sharp = typeof sharpModule

/** One picture at a time may hold some 300 MB; two keep both cores of a small machine busy. */
const concurrency = 2
const timeoutSeconds = 30

/** Width × height of one frame; what libvips may be asked to open at all. */
export const inputPixelsMax = 5e7

/** Pixels of a picture, or of a mask, in an edit: raw copies of one are up to 100 MB each, and a mask needs three. */
export const editPixelsMax = 25_000_000

/**
 * `warning` is the strictest setting, and the only one that sees a JPEG whose pixels were cut out before its end marker
 * ("premature end of data segment"). PNG, WebP and GIF fail alike under every setting.
 */
export const readOptions: SharpOptions = {
  limitInputPixels: inputPixelsMax,
  failOn: "warning",
  sequentialRead: true
}

/** Loads sharp when it is first needed: 60 ms and 40 MB that no catalogue command should pay. */
export const loadSharp: Effect.Effect<Sharp, CodecFailure> = Effect.tryPromise({
  try: () => import("sharp"),
  catch: () => new CodecFailure({ reason: "unavailable", message: "The image library could not be loaded." })
}).pipe(
  Effect.map(({ default: sharp }) => {
    // Its cache keeps decoded pixels of strangers' files for reuse that never comes.
    sharp.cache(false)
    return sharp
  })
)

/**
 * Runs a native pipeline. A failure carries `reason`, unless it was the clock. The first line of the library's words is
 * kept, since later ones can hold file names.
 */
export const runNative = <A>(
  reason: CodecReason,
  message: string,
  run: () => Promise<A>
): Effect.Effect<A, CodecFailure> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => {
      const words = cause instanceof Error ? (cause.message.split("\n")[0] ?? "").slice(0, 160) : ""
      return /timeout/i.test(words)
        ? new CodecFailure({ reason: "timeout", message: `The image took longer than ${timeoutSeconds} seconds.` })
        : new CodecFailure({ reason, message: words === "" ? `${message}.` : `${message}: ${words}.` })
    }
  })

export const deadline = { seconds: timeoutSeconds } as const

const permits = Effect.unsafeMakeSemaphore(concurrency)

/**
 * At most two at once in this process. Uninterruptible, because libvips cannot be stopped: giving the permit back while
 * it still works would let a burst of cancelled requests fill the memory.
 */
export const bounded = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  permits.withPermits(1)(Effect.uninterruptible(effect))
