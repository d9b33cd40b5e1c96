import { HttpServerRequest } from "@effect/platform"
import type { ErrorCode, Failure } from "@image-skill/core/kernel/Errors"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Effect } from "effect"
import { refuse } from "./Answering.ts"
import { Routes } from "./Routes.ts"
import { requestPath } from "./requestPath.ts"

/** An app that answers every request with the same failure. */
export const refusing = (error: Failure<ErrorCode>) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { commandOf } = yield* Routes
    const traceId = yield* (yield* Ids).trace
    return refuse(
      { traceId, command: commandOf(request.method, requestPath(request.url)), actor: null, warnings: [] },
      error
    )
  })
