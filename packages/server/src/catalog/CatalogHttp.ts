import { HttpApiBuilder } from "@effect/platform"
import { FrontApi } from "@image-skill/core/api/FrontApi"
import { CatalogView } from "@image-skill/core/studio/CatalogView"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"

export const CatalogHttp = HttpApiBuilder.group(
  FrontApi,
  "catalog",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const view = yield* CatalogView
    return handlers
      .handle("listModels", ({ urlParams }) => answering.open(view.models(urlParams)))
      .handle("showModel", ({ path }) => answering.open(view.model(path.id)))
      .handle("listCapabilities", () => answering.open(view.capabilities))
      .handle("showCapability", ({ path }) => answering.open(view.capability(path.id)))
  })
)
