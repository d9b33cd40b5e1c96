import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { fail, failure } from "@image-skill/core/kernel/Errors"
import { Purchases } from "@image-skill/core/ledger/Purchases"
import { Settlement } from "@image-skill/core/ledger/Settlement"
import { Effect } from "effect"

const received = (outcome: string) => HttpServerResponse.unsafeJson({ received: true, outcome })

/** Many times the longest event of a rail. Whoever sends more is not asked for a signature. */
const wordBytesMax = 1024 * 1024

const tooLarge = (bytes: number) =>
  fail("BODY_TOO_LARGE", `The body has ${bytes} bytes; allowed: at most ${wordBytesMax}`, {
    details: { max_bytes: wordBytesMax }
  })

/**
 * A rail's word: answered with 2xx once it is durable, so that the rail repeats it until then. A bare 503 where the rail
 * has no secret to know it by.
 */
export const hearRail = (railId: string) =>
  Effect.gen(function* () {
    const rail = (yield* Purchases).railOf(railId)
    if (rail?.verifyEvent === undefined) return HttpServerResponse.empty({ status: 503 })
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = yield* Effect.mapError(request.arrayBuffer, () =>
      failure("INVALID_ARGUMENTS", "The body cannot be read", {
        details: { issues: [{ path: "", message: "no body" }] }
      })
    )
    if (body.byteLength > wordBytesMax) return yield* tooLarge(body.byteLength)
    const heard = yield* rail.verifyEvent(new Uint8Array(body), request.headers)
    if (heard._tag === "Ignored") {
      yield* Effect.logDebug(`an event was ignored: ${heard.reason}`)
      return received("ignored")
    }
    const settled = yield* (yield* Settlement).apply(railId, heard.event)
    yield* Effect.logInfo(`an event of a payment: ${settled.outcome}`).pipe(
      Effect.annotateLogs({ rail: railId, event_id: heard.event.eventId, kind: heard.event.kind })
    )
    return received(settled.outcome)
  })
