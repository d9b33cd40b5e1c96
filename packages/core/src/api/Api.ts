import { AdminApi } from "./AdminApi.ts"
import { CreditsApi } from "./CreditsApi.ts"
import { FeedbackApi } from "./FeedbackApi.ts"
import { FrontApi } from "./FrontApi.ts"
import { IdentityApi } from "./IdentityApi.ts"
import { PagesApi } from "./PagesApi.ts"
import { ActivityApi, AssetsApi, JobsApi } from "./RecordsApi.ts"

/** The wire of the house: one group a room. */
export const Api = FrontApi.add(AssetsApi)
  .add(JobsApi)
  .add(ActivityApi)
  .add(IdentityApi)
  .add(CreditsApi)
  .add(FeedbackApi)
  .add(AdminApi)
  .add(PagesApi)
