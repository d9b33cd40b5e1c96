import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import type { Actor } from "@image-skill/core/identity/Identity"
import { RateLimits } from "@image-skill/core/identity/RateLimits"
import { Call, makeCall } from "@image-skill/core/kernel/Call"
import { type Envelope, type EnvelopeHead, failed, success } from "@image-skill/core/kernel/Envelope"
import { type ErrorCode, type Failure, failure, ruleOf, statusOf } from "@image-skill/core/kernel/Errors"
import { Ids, type TraceId } from "@image-skill/core/kernel/Ids"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { countCall } from "@image-skill/core/kernel/Metrics"
import { annotateSpan } from "@image-skill/core/kernel/Traces"
import { Clock, type Context, Effect, type Redacted, Ref } from "effect"
import { Admitted, makeAdmission, tokenOf } from "./Admission.ts"
import { NamesPlaces, withoutPlaces } from "./NamesPlaces.ts"
import { Routes } from "./Routes.ts"
import { requestPath } from "./requestPath.ts"

type AnyFailure = Failure<ErrorCode>

const respond = (
  head: EnvelopeHead,
  exit: number,
  status: number,
  body: Envelope,
  extra: { readonly [name: string]: string } = {}
) =>
  HttpServerResponse.unsafeJson(body, {
    status,
    headers: {
      "x-image-skill-trace-id": head.traceId,
      "x-image-skill-exit-code": String(exit),
      "cache-control": "no-store",
      ...extra
    }
  })

/** The envelope of a failure, with its status, exit code, `retry-after` and `allow`. */
export const refuse = (head: EnvelopeHead, error: AnyFailure) => {
  const rule = ruleOf(error.code)
  const after = error.recovery?.retry_after_seconds
  const allowed = error.code === "METHOD_NOT_ALLOWED" ? error.details?.["allowed"] : undefined
  return respond(head, rule.exit, statusOf(error.code), failed(head, error), {
    ...(after === undefined ? {} : { "retry-after": String(Math.ceil(after)) }),
    ...(Array.isArray(allowed) ? { allow: allowed.join(", ") } : {})
  })
}

export const internal = failure("INTERNAL", "Something broke on our side; the trace id finds it in the logs")

const headOf = (call: Context.Tag.Service<Call>): Effect.Effect<EnvelopeHead> =>
  Effect.gen(function* () {
    return {
      traceId: call.traceId,
      command: yield* Ref.get(call.command),
      actor: yield* Ref.get(call.actor),
      warnings: yield* Ref.get(call.warnings)
    }
  })

/** Turns the effect of a handler into the one envelope that answers the call. */
export class Answering extends Effect.Service<Answering>()("@image-skill/server/Answering", {
  effect: Effect.gen(function* () {
    const ids = yield* Ids
    const { addressOf, guarded, operators } = yield* makeAdmission
    const limits = yield* RateLimits
    const namesPlaces = yield* NamesPlaces
    const { commandOf } = yield* Routes

    const answer = Effect.fnUntraced(function* (
      effect: (
        call: Context.Tag.Service<Call>,
        request: HttpServerRequest.HttpServerRequest
      ) => Effect.Effect<JsonObject, AnyFailure, Call | HttpServerRequest.HttpServerRequest>
    ) {
      const request = yield* HttpServerRequest.HttpServerRequest
      const begunAt = yield* Clock.currentTimeMillis
      const traceId: TraceId = yield* ids.trace
      const path = requestPath(request.url)
      const call = yield* makeCall(traceId, commandOf(request.method, path))
      const result = yield* effect(call, request).pipe(
        Effect.provideService(Call, call),
        Effect.catchAllDefect((defect) =>
          Effect.logError("a defect", defect).pipe(
            Effect.annotateLogs({ trace_id: traceId }),
            Effect.zipRight(Effect.fail(internal))
          )
        ),
        Effect.annotateLogs({ trace_id: traceId }),
        Effect.either
      )
      const head = yield* headOf(call)
      const outcome = result._tag === "Right" ? "ok" : result.left.code
      yield* annotateSpan({ "image_skill.command": head.command, "image_skill.outcome": outcome })
      yield* countCall(head.command, outcome, (yield* Clock.currentTimeMillis) - begunAt)
      if (result._tag === "Right") return respond(head, 0, yield* Ref.get(call.status), success(head, result.right))
      return namesPlaces
        ? refuse(head, result.left)
        : refuse(head, yield* Effect.annotateLogs(withoutPlaces(result.left), { trace_id: traceId }))
    })

    /** No token is looked at. */
    const open = (effect: Effect.Effect<JsonObject, AnyFailure, Call>) => answer(() => effect)

    /** For an agent that was admitted, and stands in the envelope. An endpoint that names no `Caller` admits none. */
    const owned = (
      effect: (actor: Actor) => Effect.Effect<JsonObject, AnyFailure, Call | HttpServerRequest.HttpServerRequest>
    ) =>
      answer((call) =>
        Effect.gen(function* () {
          const actor = yield* Admitted
          if (actor === null) return yield* Effect.dieMessage("an endpoint of agents says not that it is one")
          yield* Ref.set(call.actor, actor.ref)
          return yield* effect(actor)
        })
      )

    /** Takes callers with and without a token, seldom: for signups. */
    const admitted = (
      effect: (
        bearer: Redacted.Redacted<string> | null
      ) => Effect.Effect<JsonObject, AnyFailure, Call | HttpServerRequest.HttpServerRequest>
    ) =>
      answer((_, request) =>
        limits
          .take("signup", addressOf(request))
          .pipe(Effect.zipRight(guarded(request)(effect(tokenOf(request.headers)))))
      )

    /** For the operator alone, who is nobody's actor. */
    const operated = (effect: Effect.Effect<JsonObject, AnyFailure, Call | HttpServerRequest.HttpServerRequest>) =>
      answer((_, request) => Effect.zipRight(operators(request), effect))

    return { open, owned, admitted, operated } as const
  })
}) {}
