import type { JsonObject } from "@image-skill/core/kernel/JsonValue"
import type { Call } from "../Connection.ts"
import * as flags from "../commands/admin.ts"
import { done, type Outcome, refused } from "../Envelope.ts"
import { type Arguments, positionalOf, valueOf } from "../Flags.ts"
import { about, pageOf, type Query } from "../internal/question.ts"
import type { Question } from "../Session.ts"

/** An audit reads every entry of the ledger. */
const auditMillisMax = 15 * 60 * 1000

const root = "/v1/admin/"

const getting = (path: string, query: Query = {}): Call => ({ method: "GET", path, query, as: "operator" })

const posting = (path: string, body: JsonObject): Call => ({
  ...{ method: "POST", path, body, timeoutMillis: 60_000 },
  as: "operator"
})

const get = (path: string, queryOf: (given: Arguments) => Query = () => ({})): Question => ({
  callOf: (given) => done(getting(`${root}${path}`, queryOf(given)))
})

const post = (path: string, bodyOf: (given: Arguments) => JsonObject): Question => ({
  callOf: (given) => done(posting(`${root}${path}`, bodyOf(given)))
})

const list = (path: string) => get(path, pageOf)

const showing = (pattern: string) => about(`${root}${pattern}`, (path) => getting(path))

const acting = (pattern: string) => about(`${root}${pattern}`, (path) => posting(path, {}))

/** Only what was typed. */
const present = (fields: { readonly [name: string]: string | number | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

const credits = (path: string) =>
  post(path, (given) => ({
    organization_id: valueOf(given, flags.creditFlags.organization),
    credits: valueOf(given, flags.creditFlags.credits),
    reason: valueOf(given, flags.creditFlags.reason),
    // The same for every attempt of this run: an answer that is lost costs nothing twice.
    idempotency_key: valueOf(given, flags.creditFlags.idempotencyKey) ?? `cli_${crypto.randomUUID()}`
  }))

const tokens = (path: string) =>
  post(path, (given) => ({ agent_id: positionalOf(given, 0), reason: valueOf(given, flags.tokenReason) }))

/** As typed; the server knows the names. `all` is null there. */
const grantsOf = (typed: string): JsonObject => ({
  grants: typed.trim() === "all" ? null : typed.split(",").map((name) => name.trim())
})

const setGrants = post("agents/grants", (given) => {
  const { grants, reason } = flags.grantFlags
  return { agent_id: positionalOf(given, 0), ...grantsOf(valueOf(given, grants)), reason: valueOf(given, reason) }
})

const createInvite = post("invites", (given) => {
  const { days, grants, note, uses } = flags.inviteFlags
  const typed = valueOf(given, grants)
  return {
    ...present({ uses: valueOf(given, uses), days: valueOf(given, days), note: valueOf(given, note) }),
    ...(typed === undefined ? {} : grantsOf(typed))
  }
})

const budgetOf = (given: Arguments): Outcome<Call> => {
  const [limit, isRemoved] = [valueOf(given, flags.budgetFlags.limit), valueOf(given, flags.budgetFlags.remove)]
  if ((limit === undefined) !== isRemoved) {
    const message = "admin budgets set takes exactly one of --limit-usd and --remove"
    return refused("INVALID_ARGUMENTS", message, {
      details: { issues: [{ path: "--limit-usd", message }] },
      recovery: { required_flags: ["--limit-usd", "--remove"], fields: ["--limit-usd", "--remove"] }
    })
  }
  const body = {
    organization_id: valueOf(given, flags.budgetFlags.organization),
    period: valueOf(given, flags.budgetFlags.period) ?? null,
    limit_usd: limit ?? null,
    ...present({
      model: valueOf(given, flags.budgetFlags.model),
      reason: valueOf(given, flags.budgetFlags.note)
    })
  }
  return done(posting(`${root}budgets`, body))
}

const spend = get("spend", (given) => {
  const { by, from, organization, to } = flags.spendFlags
  return {
    by: valueOf(given, by),
    from: valueOf(given, from),
    to: valueOf(given, to),
    organization_id: valueOf(given, organization)
  }
})

const resolve = post("unknown/resolve", (given) => {
  const { attempt, cost, outcome, reason } = flags.resolveFlags
  return {
    attempt_id: valueOf(given, attempt),
    outcome: valueOf(given, outcome) ?? null,
    reason: valueOf(given, reason),
    ...present({ cost_usd: valueOf(given, cost) })
  }
})

const jobs = get("jobs", (given) => ({
  organization_id: valueOf(given, flags.jobFilters.organization),
  provider: valueOf(given, flags.jobFilters.provider),
  status: valueOf(given, flags.jobFilters.status),
  ...pageOf(given)
}))

/** By the words after `admin`. */
export const adminPrograms = {
  "admin agents list": list("agents"),
  "admin agents show": showing("agents/*"),
  "admin agents grants": setGrants,
  "admin jobs list": jobs,
  "admin credits grant": credits("credits/grant"),
  "admin credits revoke": credits("credits/revoke"),
  "admin tokens revoke": tokens("tokens/revoke"),
  "admin tokens rotate": tokens("tokens/rotate"),
  "admin invites create": createInvite,
  "admin invites list": list("invites"),
  "admin invites revoke": acting("invites/*/revoke"),
  "admin budgets list": get("budgets", (given) => ({
    organization_id: valueOf(given, flags.budgetOrganization),
    ...pageOf(given)
  })),
  "admin budgets set": { callOf: budgetOf },
  "admin spend": spend,
  "admin unknown list": get("unknown", (given) => ({
    state: valueOf(given, flags.unknownState),
    ...pageOf(given)
  })),
  "admin unknown resolve": resolve,
  "admin exposure": get("exposure"),
  "admin acts list": list("acts"),
  "admin audit": { callOf: () => done({ ...getting(`${root}audit`), timeoutMillis: auditMillisMax }) },
  "admin payments list": list("payments"),
  "admin payments events": get("payment-events", (given) => ({
    outcome: valueOf(given, flags.eventOutcome),
    ...pageOf(given)
  })),
  "admin payments reconcile": acting("payments/*/reconcile")
} satisfies { readonly [Name in (typeof flags.adminCommands)[number]["name"]]: Question }
