import { HttpApiBuilder } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { pageQuery } from "@image-skill/core/api/Fields"
import { Records } from "@image-skill/core/studio/Records"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"

export const ActivityHttp = HttpApiBuilder.group(
  Api,
  "activity",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const records = yield* Records
    return handlers
      .handle("list", ({ urlParams }) =>
        answering.owned((actor) =>
          records.events(actor, { ...pageQuery(urlParams), subject: urlParams.subject ?? null })
        )
      )
      .handle("show", ({ path }) => answering.owned((actor) => records.event(actor, path.reference)))
  })
)
