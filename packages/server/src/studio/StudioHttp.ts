import { HttpApiBuilder, type HttpServerRequest } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { type CreatePayload, deliveryOf, type EditPayload, requestOf, uploadOf } from "@image-skill/core/api/StudioApi"
import type { Actor } from "@image-skill/core/identity/Identity"
import { Studio } from "@image-skill/core/studio/Studio"
import { Uploads } from "@image-skill/core/studio/Uploads"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"

interface Sent<Payload> {
  readonly payload: Payload
  readonly request: HttpServerRequest.HttpServerRequest
}

export const StudioHttp = HttpApiBuilder.group(
  Api,
  "studio",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const studio = yield* Studio
    const uploads = yield* Uploads

    const submit =
      (command: "create" | "edit", { payload, request }: Sent<CreatePayload | EditPayload>) =>
      (actor: Actor) =>
        Effect.flatMap(requestOf(command, payload), (wanted) =>
          studio.submit(
            actor,
            wanted,
            deliveryOf(
              payload,
              request.headers["idempotency-key"],
              /\brespond-async\b/.test(request.headers["prefer"] ?? "")
            )
          )
        )

    return handlers
      .handle("create", (sent) => answering.owned("create", submit("create", sent)))
      .handle("edit", (sent) => answering.owned("edit", submit("edit", sent)))
      .handle("upload", ({ payload }) =>
        answering.owned("upload", (actor) =>
          Effect.flatMap(uploadOf(payload), (upload) => uploads.upload(actor, upload))
        )
      )
  })
)
