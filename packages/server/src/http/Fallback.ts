import { HttpApiBuilder, HttpApiError, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import type { Actor } from "@image-skill/core/identity/Identity"
import { RateLimits } from "@image-skill/core/identity/RateLimits"
import { type ErrorCode, type Failure, failure } from "@image-skill/core/kernel/Errors"
import { Ids, type TraceId } from "@image-skill/core/kernel/Ids"
import { limits as houseLimits } from "@image-skill/core/kernel/Limits"
import { countCall } from "@image-skill/core/kernel/Metrics"
import { quoted } from "@image-skill/core/kernel/Quote"
import { annotateSpan } from "@image-skill/core/kernel/Traces"
import { Cause, Clock, Context, Effect, Layer, Option } from "effect"
import { Admitted, makeAdmission } from "./Admission.ts"
import { internal, refuse } from "./Answering.ts"
import { makeBodyRoom } from "./bodyRoom.ts"
import { hasBody, withBoundedBody } from "./boundedBody.ts"
import { NamesPlaces, withoutPlaces } from "./NamesPlaces.ts"
import { Routes } from "./Routes.ts"
import { contentTypesOf } from "./rawImage.ts"
import { requestPath } from "./requestPath.ts"
import { undecodable } from "./undecodable.ts"

const unrouted = (method: string, path: string, methods: ReadonlyArray<string>): Failure => {
  const named = path.slice(0, 200)
  // A path that the method takes, and that the router could not read.
  return methods.length === 0 || methods.includes(method)
    ? failure("ROUTE_NOT_FOUND", `There is no ${named} here`, {
        recovery: { suggested_command: "image-skill help --json" }
      })
    : failure("METHOD_NOT_ALLOWED", `${named} takes ${methods.join(", ")}, not ${method}`, {
        details: { allowed: [...methods] }
      })
}

/** HEAD is answered wherever GET is. */
const allowed = (methods: ReadonlyArray<string>) => {
  const all = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"]
  return HttpServerResponse.empty({ status: 204, headers: { allow: [...new Set(all)].join(", ") } })
}

const badJson = failure("INVALID_ARGUMENTS", "The body is no JSON", {
  details: { issues: [{ path: "", message: "the body is no JSON" }] }
})

/** Said of a body that could not be read, where this explains why. None of the body is repeated. */
const otherContentType = (contentType: string | undefined, path: string): Failure<ErrorCode> | null => {
  if (contentType === undefined || contentType.toLowerCase().includes("application/json")) return null
  const message = `content-type is "${quoted(contentType)}"; allowed: ${contentTypesOf(path)}`
  return failure("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: "content-type", message }] },
    recovery: { fields: ["content-type"] }
  })
}

const failureOfCause = (
  cause: Cause.Cause<unknown>,
  unknownRoute: () => Failure<ErrorCode>,
  contentType: string | undefined,
  path: string
): Failure<ErrorCode> | null => {
  // A body that is no JSON dies inside of the framework: it is no defect of ours.
  const error: unknown = Option.getOrUndefined(Option.orElse(Cause.failureOption(cause), () => Cause.dieOption(cause)))
  if (error instanceof HttpApiError.HttpApiDecodeError) return otherContentType(contentType, path) ?? undecodable(error)
  if (typeof error !== "object" || error === null || !("_tag" in error)) return null
  if (error._tag === "RouteNotFound") return unknownRoute()
  return error._tag === "RequestError" || error._tag === "MultipartError"
    ? (otherContentType(contentType, path) ?? badJson)
    : null
}

/** Every id is looked up, however long it is: the router would have a long one be another route. */
const routerConfig = HttpRouter.setRouterConfig({ maxParamLength: Number.MAX_SAFE_INTEGER })

/** Gives what the framework refuses by itself (bodies, routes, methods, defects) the same envelope. */
export const FallbackLive = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const ids = yield* Ids
    const limits = yield* RateLimits
    const room = makeBodyRoom(houseLimits.bodiesBytesMax)
    const namesPlaces = yield* NamesPlaces
    const { addressOf, admit } = yield* makeAdmission
    const { callerOf, commandOf, methodsOf } = yield* Routes
    return (app) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const path = requestPath(request.url)
        const begunAt = yield* Clock.currentTimeMillis
        const refused = (error: Failure<ErrorCode>, traceId: TraceId, actor: Actor | null = null) =>
          Effect.gen(function* () {
            const command = commandOf(request.method, path)
            yield* annotateSpan({ "image_skill.command": command, "image_skill.outcome": error.code })
            yield* countCall(command, error.code, (yield* Clock.currentTimeMillis) - begunAt)
            const told = namesPlaces ? error : yield* Effect.annotateLogs(withoutPlaces(error), { trace_id: traceId })
            return refuse({ traceId, command, actor: actor?.ref ?? null, warnings: [] }, told)
          })
        const unknown = () => unrouted(request.method, path, methodsOf(path))
        const broken = (cause: Cause.Cause<unknown>, actor: Actor | null) =>
          Effect.flatMap(ids.trace, (traceId) => {
            const contentType = hasBody(request.method) ? request.headers["content-type"] : undefined
            const known = failureOfCause(cause, unknown, contentType, path)
            return known !== null
              ? refused(known, traceId, actor)
              : Effect.logError("a defect", cause).pipe(
                  Effect.annotateLogs({ trace_id: traceId }),
                  Effect.zipRight(refused(internal, traceId, actor))
                )
          })
        const methods = request.method === "OPTIONS" ? methodsOf(path) : []
        if (methods.length > 0) return allowed(methods)
        // Before the token is looked at: what is refused here costs next to nothing.
        const address = addressOf(request)
        const come = yield* Effect.either(limits.take("address", address))
        if (come._tag === "Left") return yield* refused(come.left, yield* ids.trace)
        // What no URL can be made of has no route; everything behind here may take it for one.
        if (!URL.canParse(request.url, "http://localhost")) return yield* refused(unknown(), yield* ids.trace)
        let actor: Actor | null = null
        const claim = room.claim(() => actor?.ref.actor_id ?? address)
        return yield* Effect.gen(function* () {
          const caller = callerOf(request.method, path)
          const admitted = yield* Effect.either(admit(request, caller))
          if (admitted._tag === "Left") {
            return yield* refused(admitted.left.error, yield* ids.trace, admitted.left.actor)
          }
          actor = admitted.right
          const bytesMax = caller === null ? houseLimits.strangersBodyBytesMax : houseLimits.bodyBytesMax
          const bounded = yield* Effect.either(withBoundedBody(request, claim, bytesMax))
          if (bounded._tag === "Left") return yield* refused(bounded.left, yield* ids.trace, actor)
          const more = Context.make(HttpServerRequest.HttpServerRequest, bounded.right).pipe(
            Context.add(Admitted, actor)
          )
          return yield* Effect.provide(app, more)
        }).pipe(
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : broken(cause, actor)
          ),
          Effect.ensuring(Effect.sync(claim.release))
        )
      })
  })
).pipe(Layer.merge(routerConfig))
