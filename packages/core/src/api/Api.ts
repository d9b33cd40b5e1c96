import { HttpApi } from "@effect/platform"
import { CatalogApi } from "./CatalogApi.ts"
import { CreditsApi } from "./CreditsApi.ts"
import { IdentityApi } from "./IdentityApi.ts"
import { ActivityApi, AssetsApi, JobsApi } from "./RecordsApi.ts"
import { StudioApi } from "./StudioApi.ts"

/** The wire of the house: one group a room. */
export const Api = HttpApi.make("image-skill")
  .add(StudioApi)
  .add(CatalogApi)
  .add(AssetsApi)
  .add(JobsApi)
  .add(ActivityApi)
  .add(IdentityApi)
  .add(CreditsApi)
