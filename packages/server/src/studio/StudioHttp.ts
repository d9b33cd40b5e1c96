import { HttpApiBuilder, type HttpServerRequest } from "@effect/platform"
import { FrontApi } from "@image-skill/core/api/FrontApi"
import { type CreatePayload, deliveryOf, type EditPayload, requestOf, uploadOf } from "@image-skill/core/api/StudioApi"
import type { Actor } from "@image-skill/core/identity/Identity"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"
import { Submissions } from "./Submissions.ts"

interface Sent<Payload> {
  readonly payload: Payload
  readonly request: HttpServerRequest.HttpServerRequest
}

export const StudioHttp = HttpApiBuilder.group(
  FrontApi,
  "studio",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const submissions = yield* Submissions

    const submit =
      (command: "create" | "edit", { payload, request }: Sent<CreatePayload | EditPayload>) =>
      (actor: Actor) =>
        Effect.gen(function* () {
          const wanted = yield* requestOf(command, payload)
          return yield* submissions.submit(
            actor,
            wanted,
            deliveryOf(
              payload,
              request.headers["idempotency-key"],
              /\brespond-async\b/.test(request.headers["prefer"] ?? "")
            )
          )
        })

    return handlers
      .handle("create", (sent) => answering.owned(submit("create", sent)))
      .handle("edit", (sent) => answering.owned(submit("edit", sent)))
      .handle("upload", ({ payload }) =>
        answering.owned((actor) => Effect.flatMap(uploadOf(payload), (upload) => submissions.upload(actor, upload)))
      )
  })
)
