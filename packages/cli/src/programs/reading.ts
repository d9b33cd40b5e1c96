/** Commands that ask the server one question and print its answer. */
import { fail } from "@image-skill/core/kernel/Errors"
import { activitySubject } from "../commands/activity.ts"
import { assetsListFlags } from "../commands/assets.ts"
import { modelFilters } from "../commands/models.ts"
import { pageFlags } from "../commands/page.ts"
import { positionalOf, valueOf } from "../Flags.ts"
import { pathSegment } from "../internal/pathSegment.ts"
import type { Program, Session } from "../Session.ts"

const get = (session: Session, path: string, query: Readonly<Record<string, string | number | undefined>> = {}) =>
  session.client.ask({ method: "GET", path, query })

const pageOf = (session: Session) => ({
  limit: valueOf(session.given, pageFlags.limit),
  cursor: valueOf(session.given, pageFlags.cursor)
})

/** One thing by the id that was typed. */
const show =
  (folder: string): Program =>
  (session) => {
    const id = positionalOf(session.given, 0)
    const segment = pathSegment(id)
    return segment === null
      ? fail("INVALID_ARGUMENTS", `${JSON.stringify(id)} is no id`)
      : get(session, `${folder}/${segment}`)
  }

export const modelsList: Program = (session) =>
  get(session, "/v1/models", {
    operation: valueOf(session.given, modelFilters.operation),
    provider: valueOf(session.given, modelFilters.provider),
    query: valueOf(session.given, modelFilters.query),
    available: valueOf(session.given, modelFilters.available) ? "true" : undefined,
    max_credits: valueOf(session.given, modelFilters.maxCredits),
    sort: valueOf(session.given, modelFilters.sort),
    limit: valueOf(session.given, modelFilters.limit),
    view: valueOf(session.given, modelFilters.view)
  })

export const modelsOverview: Program = (session) => get(session, "/v1/models", { view: "overview" })

export const modelsFind: Program = (session) => {
  const words = session.given.positionals.join(" ")
  return get(session, "/v1/models", {
    view: "find",
    query: words === "" ? undefined : words,
    operation: valueOf(session.given, modelFilters.operation),
    provider: valueOf(session.given, modelFilters.provider),
    available: valueOf(session.given, modelFilters.available) ? "true" : undefined,
    max_credits: valueOf(session.given, modelFilters.maxCredits),
    sort: valueOf(session.given, modelFilters.sort),
    limit: valueOf(session.given, modelFilters.limit)
  })
}

export const modelsShow = show("/v1/models")

export const capabilitiesList: Program = (session) => get(session, "/v1/capabilities")

export const capabilitiesShow = show("/v1/capabilities")

export const activityList: Program = (session) =>
  get(session, "/v1/activity", { subject: valueOf(session.given, activitySubject), ...pageOf(session) })

export const activityShow = show("/v1/activity")

export const jobsList: Program = (session) => get(session, "/v1/jobs", pageOf(session))

export const assetsList: Program = (session) =>
  get(session, "/v1/assets", {
    job_id: valueOf(session.given, assetsListFlags.job),
    kind: valueOf(session.given, assetsListFlags.kind),
    ...pageOf(session)
  })

export const creditsMethods: Program = (session) => get(session, "/v1/payment-methods")

export const creditsPacks: Program = (session) => get(session, "/v1/credit-packs")

export const whoami: Program = (session) => get(session, "/v1/whoami")

export const usageQuota: Program = (session) => get(session, "/v1/quota")
