import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import type { CommandPayload } from "@image-skill/core/api/PagesApi"
import { fail, statusOf } from "@image-skill/core/kernel/Errors"
import { type ErrorCode, errorTable } from "@image-skill/core/kernel/ErrorTable"
import { isObject, type JsonObject } from "@image-skill/core/kernel/Json"
import { Deferred, Effect, Option } from "effect"
import type { Answering } from "../http/Answering.ts"
import { exchangeOver, type Forwarded } from "../http/inProcess.ts"
import type { CommandAnswer, Commands } from "./CommandLine.ts"

const isCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(errorTable, code)

const notHere = fail(
  "PUBLIC_CLI_COMMAND_NOT_AVAILABLE",
  "This house runs no commands: ask the endpoints of /openapi.json, or use the command line on your machine"
)

/** What of the caller goes along with each call that a command makes. */
const forwardedOf = (request: HttpServerRequest.HttpServerRequest): Forwarded => {
  const kept = ["authorization", "x-forwarded-for"].flatMap((name): ReadonlyArray<readonly [string, string]> => {
    const value = request.headers[name]
    return value === undefined ? [] : [[name, value]]
  })
  const remoteAddress = Option.getOrUndefined(request.remoteAddress)
  return { headers: Object.fromEntries(kept), ...(remoteAddress === undefined ? {} : { remoteAddress }) }
}

const retryAfterOf = (error: JsonObject): Readonly<Record<string, string>> => {
  const { recovery } = error
  const seconds = isObject(recovery) ? recovery["retry_after_seconds"] : undefined
  return typeof seconds === "number" ? { "retry-after": String(Math.ceil(seconds)) } : {}
}

const responseOf = ({ envelope, exitCode, status }: CommandAnswer) => {
  const traceId = typeof envelope["trace_id"] === "string" ? envelope["trace_id"] : ""
  const error = isObject(envelope["error"]) ? envelope["error"] : null
  const code = error?.["code"]
  const ofFailure = isCode(code) ? statusOf(code) : 500
  return HttpServerResponse.unsafeJson(envelope, {
    status: error === null ? (status ?? 200) : ofFailure,
    headers: {
      "x-image-skill-trace-id": traceId,
      "x-image-skill-exit-code": String(exitCode),
      "cache-control": "no-store",
      ...(error === null ? {} : retryAfterOf(error))
    }
  })
}

/**
 * `POST /v1/cli`: the words of a command, run over this house's own endpoints with the caller's token. Each call that
 * it makes is checked and limited like any other of the caller's.
 */
export const runCommand = (
  answering: Answering,
  commands: Commands["Type"],
  payload: CommandPayload
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    if (commands === null) return yield* answering.open(notHere)
    const request = yield* HttpServerRequest.HttpServerRequest
    const ask = yield* Deferred.await(commands.self)
    const exchange = exchangeOver(() => Promise.resolve(ask), forwardedOf(request))
    const idempotencyKey = payload.idempotency_key ?? request.headers["idempotency-key"] ?? null
    const call = { argv: payload.argv, idempotencyKey, exchange }
    return responseOf(yield* commands.line.run(call))
  })
