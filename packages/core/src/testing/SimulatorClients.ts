import { Effect, Exit, Fiber } from "effect"
import { Call, makeCall } from "../kernel/Call.ts"
import type { Failure } from "../kernel/Errors.ts"
import { Ids } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import type { Delivery, ImageRequest } from "../studio/Request.ts"
import { Studio, type StudioFailure } from "../studio/Studio.ts"
import type { Payer } from "./SimulatorRequests.ts"

/** What a client got; `None` when it hung up, or the process died on it. */
export type Answer =
  | { readonly _tag: "None" }
  | { readonly _tag: "Data"; readonly data: JsonObject }
  | { readonly _tag: "Failure"; readonly error: Failure }
  | { readonly _tag: "Defect"; readonly text: string }

/** One call of a client, and its answer once it is there. */
export interface ClientCall {
  readonly payer: Payer
  readonly request: ImageRequest
  readonly delivery: Delivery
  answer: Answer
  fiber: Fiber.RuntimeFiber<JsonObject, StudioFailure> | null
  /** Whether its process may have been told of a failed write that was none. */
  readonly mayHaveLostCommit: () => boolean
}

/** The whole of a call, as its handler makes it. */
export const asked = (payer: Payer, request: ImageRequest, delivery: Delivery) =>
  Effect.gen(function* () {
    const call = yield* makeCall(yield* (yield* Ids).trace, `image-skill ${request.command}`)
    return yield* Effect.flatMap(Studio, (studio) => studio.submit(payer.actor, request, delivery)).pipe(
      Effect.provideService(Call, call)
    )
  })

export const answerOf = (exit: Exit.Exit<JsonObject, StudioFailure>): Answer =>
  Exit.match(exit, {
    onSuccess: (data): Answer => ({ _tag: "Data", data }),
    onFailure: (cause): Answer =>
      cause._tag === "Fail"
        ? { _tag: "Failure", error: cause.error }
        : Exit.isInterrupted(exit)
          ? { _tag: "None" }
          : { _tag: "Defect", text: cause.toString() }
  })

/** Waits for its answer. */
export const finished = (call: ClientCall) =>
  call.fiber === null ? Effect.succeed(call) : Effect.as(Fiber.await(call.fiber), call)
