import { HttpApiBuilder, type HttpServerRequest } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { type CreatePayload, deliveryOf, type EditPayload, requestOf, uploadOf } from "@image-skill/core/api/StudioApi"
import type { Actor } from "@image-skill/core/identity/Identity"
import { Studio } from "@image-skill/core/studio/Studio"
import { Uploads } from "@image-skill/core/studio/Uploads"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"
import { Resumption } from "../jobs/Resumption.ts"

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
    const resumption = yield* Resumption

    const submit =
      (command: "create" | "edit", { payload, request }: Sent<CreatePayload | EditPayload>) =>
      (actor: Actor) =>
        Effect.gen(function* () {
          const wanted = yield* requestOf(command, payload)
          if (payload.dry_run !== true) yield* resumption.onUse
          return yield* studio.submit(
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
      .handle("create", (sent) => answering.owned("create", submit("create", sent)))
      .handle("edit", (sent) => answering.owned("edit", submit("edit", sent)))
      .handle("upload", ({ payload }) =>
        answering.owned("upload", (actor) =>
          Effect.flatMap(uploadOf(payload), (upload) => uploads.upload(actor, upload))
        )
      )
  })
)
