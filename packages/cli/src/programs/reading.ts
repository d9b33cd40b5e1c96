/** Commands that ask the server one question and print its answer. */
import { activitySubject } from "../commands/activity.ts"
import { assetsListFlags } from "../commands/assets.ts"
import { modelFilters } from "../commands/models.ts"
import { valueOf } from "../Flags.ts"
import { about, get, pageOf, show } from "../internal/question.ts"

export const modelsList = get("/v1/models", (given) => ({
  operation: valueOf(given, modelFilters.operation),
  provider: valueOf(given, modelFilters.provider),
  query: valueOf(given, modelFilters.query),
  available: valueOf(given, modelFilters.available) ? "true" : undefined,
  max_credits: valueOf(given, modelFilters.maxCredits),
  sort: valueOf(given, modelFilters.sort),
  limit: valueOf(given, modelFilters.limit),
  view: valueOf(given, modelFilters.view)
}))

export const modelsOverview = get("/v1/models", () => ({ view: "overview" }))

export const modelsFind = get("/v1/models", (given) => {
  const words = given.positionals.join(" ")
  return {
    view: "find",
    query: words === "" ? undefined : words,
    operation: valueOf(given, modelFilters.operation),
    provider: valueOf(given, modelFilters.provider),
    available: valueOf(given, modelFilters.available) ? "true" : undefined,
    max_credits: valueOf(given, modelFilters.maxCredits),
    sort: valueOf(given, modelFilters.sort),
    limit: valueOf(given, modelFilters.limit)
  }
})

export const modelsShow = show("/v1/models/*")

export const capabilitiesList = get("/v1/capabilities")

export const capabilitiesShow = show("/v1/capabilities/*")

export const activityList = get("/v1/activity", (given) => ({
  subject: valueOf(given, activitySubject),
  ...pageOf(given)
}))

export const activityShow = show("/v1/activity/*")

export const jobsShow = show("/v1/jobs/*", "job id")

export const jobsCancel = about(
  "/v1/jobs/*/cancel",
  (path) => ({ method: "POST", path, timeoutMillis: 60_000 }),
  "job id"
)

export const jobsList = get("/v1/jobs", pageOf)

export const assetsList = get("/v1/assets", (given) => ({
  job_id: valueOf(given, assetsListFlags.job),
  kind: valueOf(given, assetsListFlags.kind),
  ...pageOf(given)
}))

export const creditsMethods = get("/v1/payment-methods")

export const creditsPacks = get("/v1/credit-packs")

export const whoami = get("/v1/whoami")

export const usageQuota = get("/v1/quota")
