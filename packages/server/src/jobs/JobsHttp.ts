import { HttpApiBuilder } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { pageQuery } from "@image-skill/core/api/Fields"
import { Records } from "@image-skill/core/studio/Records"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"
import { Resumption } from "./Resumption.ts"

export const JobsHttp = HttpApiBuilder.group(
  Api,
  "jobs",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const records = yield* Records
    const { onUse } = yield* Resumption
    return handlers
      .handle("list", ({ urlParams }) =>
        answering.owned((actor) => Effect.zipRight(onUse, records.jobs(actor, pageQuery(urlParams))))
      )
      .handle("show", ({ path, urlParams }) =>
        answering.owned((actor) => Effect.zipRight(onUse, records.job(actor, path.id, urlParams.wait_ms ?? 0)))
      )
      .handle("cancel", ({ path }) =>
        answering.owned((actor) => Effect.zipRight(onUse, records.cancel(actor, path.id)))
      )
  })
)
