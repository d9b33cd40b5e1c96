import { Readable } from "node:stream"
import type { HttpServerRequest } from "@effect/platform"
import { type Failure, failure } from "@image-skill/core/kernel/Errors"
import { limits } from "@image-skill/core/kernel/Limits"
import { Effect, Option, Stream } from "effect"
import type { BodyClaim } from "./bodyRoom.ts"
import { wantBody } from "./continuing.ts"
import { bodyInMemory, memoryRequest } from "./memoryRequest.ts"
import { asJson, isRawImage } from "./rawImage.ts"

/** Levels of lists and objects in a body: reading and checking go down one call a level. */
const depthMax = 64

type Refused = Failure<"BODY_TOO_LARGE" | "INVALID_ARGUMENTS" | "RATE_LIMITED">

const tooLarge = (bytesMax: number) =>
  failure("BODY_TOO_LARGE", `The body has more than ${bytesMax} bytes, the most that is taken here`, {
    details: { max_bytes: bytesMax }
  })

const noRoom = failure(
  "RATE_LIMITED",
  "Too many large bodies are being read at this moment, of all callers or of this one; send it again in 2 s",
  {
    details: { limit: "bodies", max_bytes: limits.bodiesBytesMax },
    recovery: { retry_after_seconds: 2 }
  }
)

const invalid = (message: string) =>
  failure("INVALID_ARGUMENTS", message, { details: { issues: [{ path: "", message }] } })

const noJson = invalid("The body is no JSON")

/** Gathers a body, counted as it arrives: what its header says of its length is only a hint. */
const makeGathering = (room: BodyClaim, bytesMax: number) => {
  const pieces: Array<Uint8Array> = []
  let length = 0
  return {
    /** Why nothing more is to be read; null to go on. */
    take: (piece: Uint8Array): Refused | null => {
      length += piece.length
      if (length > bytesMax) return tooLarge(bytesMax)
      if (!room.take(piece.length)) return noRoom
      pieces.push(piece)
      return null
    },
    whole: Effect.sync(() => {
      const bytes = new Uint8Array(length)
      let at = 0
      for (const piece of pieces) {
        bytes.set(piece, at)
        at += piece.length
      }
      return bytes
    })
  }
}

type Take = ReturnType<typeof makeGathering>["take"]

/** From a socket. What is refused in the middle stays there unread, and the connection whole: it carries the answer. */
const fromSocket = (source: Readable, take: Take): Effect.Effect<void, Refused> =>
  Effect.async((resume) => {
    const onPiece = (piece: Uint8Array) => {
      const refused = take(piece)
      if (refused !== null) settle(Effect.fail(refused))
    }
    const onEnd = () => settle(Effect.void)
    const onCut = () => settle(Effect.fail(noJson))
    const leave = () => {
      source.off("data", onPiece).off("end", onEnd).off("error", onCut).off("close", onCut)
      source.pause()
    }
    const settle = (outcome: Effect.Effect<void, Refused>) => {
      leave()
      resume(outcome)
    }
    if (source.destroyed) return settle(Effect.fail(noJson))
    source.on("data", onPiece).on("end", onEnd).on("error", onCut).on("close", onCut)
    return Effect.sync(leave)
  })

const fromStream = (request: HttpServerRequest.HttpServerRequest, take: Take): Effect.Effect<void, Refused> =>
  Stream.runForEach(request.stream, (piece) => {
    const refused = take(piece)
    return refused === null ? Effect.void : Effect.fail(refused)
  }).pipe(
    // There is no body, or it broke off.
    Effect.catchTag("RequestError", () => Effect.fail(noJson))
  )

const collect = (
  request: HttpServerRequest.HttpServerRequest,
  room: BodyClaim,
  bytesMax: number
): Effect.Effect<Uint8Array, Refused> =>
  Effect.suspend(() => {
    const here = bodyInMemory(request)
    if (here !== null) return here.length > bytesMax ? Effect.fail(tooLarge(bytesMax)) : Effect.succeed(here)
    if (Number(request.headers["content-length"] ?? "0") > bytesMax) return Effect.fail(tooLarge(bytesMax))
    const { source } = request
    wantBody(source)
    const { take, whole } = makeGathering(room, bytesMax)
    return Effect.zipRight(source instanceof Readable ? fromSocket(source, take) : fromStream(request, take), whole)
  })

const quote = 0x22
const backslash = 0x5c
/** A square bracket and a brace differ in this one bit: with it set, both are the brace. */
const braceBit = 0x20
const opening = 0x7b
const closing = 0x7d

/** The index of the quote that ends the text which begins before `from`; -1 when none does. */
const endOfText = (bytes: Uint8Array, from: number): number => {
  for (let end = bytes.indexOf(quote, from); end !== -1; end = bytes.indexOf(quote, end + 1)) {
    let slashes = 0
    while (bytes[end - 1 - slashes] === backslash) slashes += 1
    if (slashes % 2 === 0) return end
  }
  return -1
}

/** Looks at brackets outside of texts only; whether it is JSON at all is for the parser to say. */
const isTooDeep = (bytes: Uint8Array): boolean => {
  let depth = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = (bytes[at] ?? 0) | braceBit
    if (byte === quote) {
      at = endOfText(bytes, at + 1)
      if (at === -1) return false
    } else if (byte === opening) {
      depth += 1
      if (depth > depthMax) return true
    } else if (byte === closing) depth -= 1
  }
  return false
}

export const hasBody = (method: string) => method !== "GET" && method !== "HEAD" && method !== "OPTIONS"

/** The same request with its body in memory, within the limits of bytes (`bytesMax`) and of depth. */
export const withBoundedBody = (
  request: HttpServerRequest.HttpServerRequest,
  room: BodyClaim,
  bytesMax: number = limits.bodyBytesMax
): Effect.Effect<HttpServerRequest.HttpServerRequest, Refused> =>
  hasBody(request.method)
    ? Effect.flatMap(collect(request, room, bytesMax), (bytes) => {
        const isImage = isRawImage(request)
        if (!isImage && isTooDeep(bytes))
          return Effect.fail(invalid(`The body has more than ${depthMax} levels of lists and objects`))
        const remoteAddress = Option.getOrUndefined(request.remoteAddress)
        return Effect.succeed(
          memoryRequest({
            method: request.method,
            url: request.url,
            ...(isImage ? asJson(request, bytes) : { headers: request.headers, body: bytes }),
            ...(remoteAddress === undefined ? {} : { remoteAddress })
          })
        )
      })
    : Effect.succeed(request)
