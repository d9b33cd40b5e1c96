import { Studio } from "@image-skill/core/studio/Studio"
import { Uploads } from "@image-skill/core/studio/Uploads"
import { Effect, Layer } from "effect"
import { Resumption } from "../jobs/Resumption.ts"
import { Submissions } from "./Submissions.ts"

/** Requests go to the services of the house; what is about to use jobs takes up first what dead processes left. */
export const layerSubmissions = Layer.effect(
  Submissions,
  Effect.map(Effect.all([Studio, Uploads, Resumption]), ([studio, uploads, { onUse }]) => ({
    submit: (actor, request, delivery) =>
      delivery.dryRun
        ? studio.submit(actor, request, delivery)
        : Effect.zipRight(onUse, studio.submit(actor, request, delivery)),
    upload: uploads.upload
  }))
)
