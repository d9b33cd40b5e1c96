import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect, Option, Redacted } from "effect"
import { type Call, type Client, makeClient } from "../Client.ts"
import * as flags from "../commands/admin.ts"
import { pageFlags } from "../commands/page.ts"
import { positionalOf, valueOf } from "../Flags.ts"
import { pathSegment } from "../internal/pathSegment.ts"
import type { Program, Session } from "../Session.ts"

/** An audit reads every entry of the ledger. */
const auditMillisMax = 15 * 60 * 1000

const noToken = fail(
  "AUTH_REQUIRED",
  "This takes the operator's token: set IMAGE_SKILL_ADMIN_TOKEN, or pipe it in with --token-stdin",
  { recovery: { fields: ["IMAGE_SKILL_ADMIN_TOKEN", "--token-stdin"] } }
)

const badToken = fail("INVALID_ARGUMENTS", "IMAGE_SKILL_ADMIN_TOKEN is no token: it has spaces or other characters", {
  recovery: { fields: ["IMAGE_SKILL_ADMIN_TOKEN"] }
})

/** A client with the operator's token. An agent's token is never sent in its place. */
const operatorClient = ({
  client,
  host,
  settings
}: Session): Effect.Effect<Client, Failure<"AUTH_REQUIRED" | "INVALID_ARGUMENTS">> => {
  // In this process the owner of the data folder is the operator.
  if (settings.baseUrl === null || settings.tokenFrom === "stdin") return Effect.succeed(client)
  const token = (host.environment["IMAGE_SKILL_ADMIN_TOKEN"] ?? "").trim()
  if (token === "") return noToken
  if (!/^[!-~]+$/.test(token)) return badToken
  return Effect.succeed(makeClient(host, { ...settings, token: Option.some(Redacted.make(token)) }))
}

const ask = (session: Session, call: Call) => Effect.flatMap(operatorClient(session), (client) => client.ask(call))

const get = (session: Session, path: string, query: NonNullable<Call["query"]> = {}) =>
  ask(session, { method: "GET", path: `/v1/admin/${path}`, query })

const post = (session: Session, path: string, body: JsonObject) =>
  ask(session, { method: "POST", path: `/v1/admin/${path}`, body, timeoutMillis: 60_000 })

const pageOf = ({ given }: Session) => ({
  limit: valueOf(given, pageFlags.limit),
  cursor: valueOf(given, pageFlags.cursor)
})

const list =
  (path: string): Program =>
  (session) =>
    get(session, path, pageOf(session))

/** The path with the id that was typed in place of the star. */
const pathOf = (session: Session, pattern: string) => {
  const id = positionalOf(session.given, 0)
  const segment = pathSegment(id)
  return segment === null
    ? fail("INVALID_ARGUMENTS", `${JSON.stringify(id)} is no id`)
    : Effect.succeed(pattern.replace("*", () => segment))
}

const showing =
  (pattern: string): Program =>
  (session) =>
    Effect.flatMap(pathOf(session, pattern), (path) => get(session, path))

const acting =
  (pattern: string): Program =>
  (session) =>
    Effect.flatMap(pathOf(session, pattern), (path) => post(session, path, {}))

/** Only what was typed. */
const present = (fields: { readonly [name: string]: string | number | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

const credits =
  (path: string): Program =>
  (session) => {
    const { given } = session
    return post(session, path, {
      organization_id: valueOf(given, flags.creditFlags.organization),
      credits: valueOf(given, flags.creditFlags.credits),
      reason: valueOf(given, flags.creditFlags.reason),
      // The same for every attempt of this run: an answer that is lost costs nothing twice.
      idempotency_key: valueOf(given, flags.creditFlags.idempotencyKey) ?? `cli_${crypto.randomUUID()}`
    })
  }

const tokens =
  (path: string): Program =>
  (session) =>
    post(session, path, {
      agent_id: positionalOf(session.given, 0),
      reason: valueOf(session.given, flags.tokenReason)
    })

/** As typed; the server knows the names. `all` is null there. */
const grantsOf = (typed: string): JsonObject => ({
  grants: typed.trim() === "all" ? null : typed.split(",").map((name) => name.trim())
})

const setGrants: Program = (session) => {
  const { grants, reason } = flags.grantFlags
  return post(session, "agents/grants", {
    agent_id: positionalOf(session.given, 0),
    ...grantsOf(valueOf(session.given, grants)),
    reason: valueOf(session.given, reason)
  })
}

const createInvite: Program = (session) => {
  const { days, grants, note, uses } = flags.inviteFlags
  const { given } = session
  const typed = valueOf(given, grants)
  return post(session, "invites", {
    ...present({ uses: valueOf(given, uses), days: valueOf(given, days), note: valueOf(given, note) }),
    ...(typed === undefined ? {} : grantsOf(typed))
  })
}

const setBudget: Program = (session) => {
  const { given } = session
  const [limit, isRemoved] = [valueOf(given, flags.budgetFlags.limit), valueOf(given, flags.budgetFlags.remove)]
  if ((limit === undefined) !== isRemoved) {
    const message = "admin budgets set takes exactly one of --limit-usd and --remove"
    return fail("INVALID_ARGUMENTS", message, {
      details: { issues: [{ path: "--limit-usd", message }] },
      recovery: { required_flags: ["--limit-usd", "--remove"], fields: ["--limit-usd", "--remove"] }
    })
  }
  return post(session, "budgets", {
    organization_id: valueOf(given, flags.budgetFlags.organization),
    period: valueOf(given, flags.budgetFlags.period) ?? null,
    limit_usd: limit ?? null,
    ...present({
      model: valueOf(given, flags.budgetFlags.model),
      reason: valueOf(given, flags.budgetFlags.note)
    })
  })
}

const spend: Program = (session) => {
  const { by, from, organization, to } = flags.spendFlags
  const { given } = session
  return get(session, "spend", {
    by: valueOf(given, by),
    from: valueOf(given, from),
    to: valueOf(given, to),
    organization_id: valueOf(given, organization)
  })
}

const resolve: Program = (session) => {
  const { attempt, cost, outcome, reason } = flags.resolveFlags
  const { given } = session
  return post(session, "unknown/resolve", {
    attempt_id: valueOf(given, attempt),
    outcome: valueOf(given, outcome) ?? null,
    reason: valueOf(given, reason),
    ...present({ cost_usd: valueOf(given, cost) })
  })
}

const jobs: Program = (session) =>
  get(session, "jobs", {
    organization_id: valueOf(session.given, flags.jobFilters.organization),
    provider: valueOf(session.given, flags.jobFilters.provider),
    status: valueOf(session.given, flags.jobFilters.status),
    ...pageOf(session)
  })

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
  "admin budgets list": (session) =>
    get(session, "budgets", {
      organization_id: valueOf(session.given, flags.budgetOrganization),
      ...pageOf(session)
    }),
  "admin budgets set": setBudget,
  "admin spend": spend,
  "admin unknown list": (session) =>
    get(session, "unknown", { state: valueOf(session.given, flags.unknownState), ...pageOf(session) }),
  "admin unknown resolve": resolve,
  "admin exposure": (session) => get(session, "exposure"),
  "admin acts list": list("acts"),
  "admin audit": (session) => ask(session, { method: "GET", path: "/v1/admin/audit", timeoutMillis: auditMillisMax }),
  "admin payments list": list("payments"),
  "admin payments events": (session) =>
    get(session, "payment-events", { outcome: valueOf(session.given, flags.eventOutcome), ...pageOf(session) }),
  "admin payments reconcile": acting("payments/*/reconcile")
} satisfies { readonly [Name in (typeof flags.adminCommands)[number]["name"]]: Program }
