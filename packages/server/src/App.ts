import { HttpApiBuilder } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { Layer } from "effect"
import { ActivityHttp } from "./activity/ActivityHttp.ts"
import { AssetsHttp } from "./assets/AssetsHttp.ts"
import { CatalogHttp } from "./catalog/CatalogHttp.ts"
import { FeedbackHttp } from "./feedback/FeedbackHttp.ts"
import { Answering } from "./http/Answering.ts"
import { FallbackLive } from "./http/Fallback.ts"
import { Routes } from "./http/Routes.ts"
import { IdentityHttp } from "./identity/IdentityHttp.ts"
import { JobsHttp } from "./jobs/JobsHttp.ts"
import { CreditsHttp } from "./ledger/CreditsHttp.ts"
import { OperatorHttp } from "./operator/Operator.ts"
import { PagesHttp } from "./pages/PagesHttp.ts"
import { StudioHttp } from "./studio/StudioHttp.ts"
import { layerSubmissions } from "./studio/submitting.ts"

/** The HTTP app over the services of the house. */
export const layerApp = HttpApiBuilder.api(Api).pipe(
  Layer.provide([
    StudioHttp,
    CatalogHttp,
    AssetsHttp,
    JobsHttp,
    ActivityHttp,
    IdentityHttp,
    CreditsHttp,
    FeedbackHttp,
    OperatorHttp,
    PagesHttp
  ]),
  Layer.provide(Answering.Default),
  Layer.provideMerge(FallbackLive),
  Layer.provide(layerSubmissions),
  Layer.provide(Routes.layer(Api))
)
