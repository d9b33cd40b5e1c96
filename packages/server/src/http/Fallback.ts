import { HttpApiBuilder, HttpApiError, HttpServerRequest } from "@effect/platform"
import { type ErrorCode, type Failure, failure, type Issue } from "@image-skill/core/kernel/Errors"
import { Ids } from "@image-skill/core/kernel/Ids"
import { limits } from "@image-skill/core/kernel/Limits"
import { Cause, Effect, Option } from "effect"
import { refuse } from "./Answering.ts"
import { commandOf, methodsOf } from "./Routes.ts"

/** A union reports each of its members; the first says what is wanted. */
const firstOfEach = (issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.filter((issue, index) => issues.findIndex((other) => other.path === issue.path) === index)

const undecodable = (error: HttpApiError.HttpApiDecodeError): Failure => {
  const issues = firstOfEach(error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })))
  return failure(
    "INVALID_ARGUMENTS",
    issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "),
    {
      details: { issues: issues.map((issue) => ({ ...issue })) },
      recovery: { fields: issues.map(({ path }) => path) }
    }
  )
}

const unrouted = (method: string, path: string): Failure => {
  const methods = methodsOf(path)
  return methods.length === 0
    ? failure("ROUTE_NOT_FOUND", `There is no ${path.slice(0, 200)} here`, {
        recovery: { suggested_command: "image-skill help --json" }
      })
    : failure("METHOD_NOT_ALLOWED", `${path.slice(0, 200)} takes ${methods.join(", ")}, not ${method}`, {
        details: { allowed: [...methods] }
      })
}

const badJson = failure("INVALID_ARGUMENTS", "The body is no JSON", {
  details: { issues: [{ path: "", message: "the body is no JSON" }] }
})

const tooLarge = (length: number) =>
  failure("BODY_TOO_LARGE", `The body has ${length} bytes; at most ${limits.bodyBytesMax} are taken`, {
    details: { content_length: length, max_bytes: limits.bodyBytesMax }
  })

const failureOfCause = (cause: Cause.Cause<unknown>, method: string, path: string): Failure<ErrorCode> | null => {
  // A body that is no JSON dies inside of the framework: it is no defect of ours.
  const error: unknown = Option.getOrUndefined(Option.orElse(Cause.failureOption(cause), () => Cause.dieOption(cause)))
  if (error instanceof HttpApiError.HttpApiDecodeError) return undecodable(error)
  if (typeof error !== "object" || error === null || !("_tag" in error)) return null
  if (error._tag === "RouteNotFound") return unrouted(method, path)
  return error._tag === "RequestError" ? badJson : null
}

/** Gives what the framework refuses by itself (bodies, routes, methods, defects) the same envelope. */
export const FallbackLive = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const ids = yield* Ids
    return (app) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const path = new URL(request.url, "http://localhost").pathname
        const refused = (error: Failure<ErrorCode>) =>
          Effect.map(ids.trace, (traceId) =>
            refuse({ traceId, command: commandOf(request.method, path), actor: null, warnings: [] }, error)
          )
        const length = Number(request.headers["content-length"] ?? "0")
        if (length > limits.bodyBytesMax) return yield* refused(tooLarge(length))
        return yield* Effect.catchAllCause(app, (cause) => {
          if (Cause.isInterruptedOnly(cause)) return Effect.failCause(cause)
          const known = failureOfCause(cause, request.method, path)
          if (known !== null) return refused(known)
          return Effect.zipRight(
            Effect.logError("a defect", cause),
            refused(failure("INTERNAL", "Something broke on our side; the trace id finds it in the logs"))
          )
        })
      })
  })
)
