import { HttpApiBuilder, HttpApiError, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { RateLimits } from "@image-skill/core/identity/RateLimits"
import { type ErrorCode, type Failure, failure } from "@image-skill/core/kernel/Errors"
import { Ids, type TraceId } from "@image-skill/core/kernel/Ids"
import { countCall } from "@image-skill/core/kernel/Metrics"
import { Cause, Clock, Effect, Layer, Option } from "effect"
import { internal, refuse } from "./Answering.ts"
import { withBoundedBody } from "./boundedBody.ts"
import { callerAddress, TrustedProxies } from "./CallerAddress.ts"
import { Routes } from "./Routes.ts"
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

const failureOfCause = (
  cause: Cause.Cause<unknown>,
  unknownRoute: () => Failure<ErrorCode>
): Failure<ErrorCode> | null => {
  // A body that is no JSON dies inside of the framework: it is no defect of ours.
  const error: unknown = Option.getOrUndefined(Option.orElse(Cause.failureOption(cause), () => Cause.dieOption(cause)))
  if (error instanceof HttpApiError.HttpApiDecodeError) return undecodable(error)
  if (typeof error !== "object" || error === null || !("_tag" in error)) return null
  if (error._tag === "RouteNotFound") return unknownRoute()
  return error._tag === "RequestError" || error._tag === "MultipartError" ? badJson : null
}

/** Every id is looked up, however long it is: the router would have a long one be another route. */
const routerConfig = HttpRouter.setRouterConfig({ maxParamLength: Number.MAX_SAFE_INTEGER })

/** Gives what the framework refuses by itself (bodies, routes, methods, defects) the same envelope. */
export const FallbackLive = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const ids = yield* Ids
    const limits = yield* RateLimits
    const trustedProxies = yield* TrustedProxies
    const { commandOf, methodsOf } = yield* Routes
    return (app) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const path = new URL(request.url, "http://localhost").pathname
        const begunAt = yield* Clock.currentTimeMillis
        const refused = (error: Failure<ErrorCode>, traceId: TraceId) =>
          Effect.gen(function* () {
            const command = commandOf(request.method, path)
            yield* Effect.annotateCurrentSpan({ "image_skill.command": command, "image_skill.outcome": error.code })
            yield* countCall(command, error.code, (yield* Clock.currentTimeMillis) - begunAt)
            return refuse({ traceId, command, actor: null, warnings: [] }, error)
          })
        const broken = (cause: Cause.Cause<unknown>) =>
          Effect.flatMap(ids.trace, (traceId) => {
            const known = failureOfCause(cause, () => unrouted(request.method, path, methodsOf(path)))
            return known !== null
              ? refused(known, traceId)
              : Effect.logError("a defect", cause).pipe(
                  Effect.annotateLogs({ trace_id: traceId }),
                  Effect.zipRight(refused(internal, traceId))
                )
          })
        const methods = request.method === "OPTIONS" ? methodsOf(path) : []
        if (methods.length > 0) return allowed(methods)
        // Before the body is read: what is refused here costs next to nothing.
        const admitted = yield* Effect.either(limits.take("address", callerAddress(request, trustedProxies)))
        if (admitted._tag === "Left") return yield* refused(admitted.left, yield* ids.trace)
        const bounded = yield* Effect.either(withBoundedBody(request))
        if (bounded._tag === "Left") return yield* refused(bounded.left, yield* ids.trace)
        return yield* Effect.provideService(app, HttpServerRequest.HttpServerRequest, bounded.right).pipe(
          Effect.catchAllCause((cause) => (Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : broken(cause)))
        )
      })
  })
).pipe(Layer.merge(routerConfig))
