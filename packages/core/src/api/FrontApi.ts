import { HttpApi } from "@effect/platform"
import { CatalogApi } from "./CatalogApi.ts"
import { StudioApi } from "./StudioApi.ts"

/** The part of the wire that begins with the catalogue and a plan: it can be answered before any storage is there. */
export const FrontApi = HttpApi.make("image-skill").add(StudioApi).add(CatalogApi)
