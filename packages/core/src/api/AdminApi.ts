import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, HttpServerRequest } from "@effect/platform"
import { Effect, Either, Schema } from "effect"
import { Grant, grants } from "../identity/Grants.ts"
import { inviteLimits } from "../identity/Invites.ts"
import { JobStatus } from "../jobs/Job.ts"
import { Envelope } from "../kernel/Envelope.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import { AgentId, AttemptId, InviteId, ModelId, OrganizationId, PaymentAttemptId, ProviderId } from "../kernel/Ids.ts"
import { parseUsd, type UsdTicks } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"
import { budgetPeriods } from "../ledger/BudgetRecords.ts"
import type { BudgetChange, CreditChange, Reconciliation } from "../operator/OperatorActs.ts"
import { type SpendRequest, spendGroups } from "../operator/OperatorReads.ts"
import { Caller } from "./Caller.ts"
import { Command } from "./Command.ts"
import {
  anyId,
  IdempotencyHeaders,
  IdempotencyKey,
  idempotencyHeader,
  optional,
  pageFields,
  query,
  strict,
  Usd
} from "./Fields.ts"

const says = (message: string) => ({ message: () => ({ message, override: true }) })

/** Kept for ever, and shown to whoever runs the house later. */
const Reason = Schema.String.pipe(Schema.pattern(/^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u)).annotations(
  says("reason is a text of 1 to 200 characters without line breaks and control characters")
)

const whole = (name: string, from: number, to: number) =>
  Schema.Int.pipe(Schema.between(from, to)).annotations(says(`${name} is a whole number from ${from} to ${to}`))

const Day = Schema.String.pipe(Schema.pattern(/^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)).annotations(
  says("a day is in UTC, such as 2026-11-22")
)

export const CreditsPayload = strict({
  organization_id: anyId(OrganizationId),
  credits: whole("credits", 1, 10_000_000),
  reason: Reason,
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "AdminCreditsPayload" })
export type CreditsPayload = typeof CreditsPayload.Type

export const TokenPayload = strict({
  agent_id: anyId(AgentId),
  reason: Reason,
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "AdminTokenPayload" })

const Grants = Schema.Array(Grant)
  .pipe(Schema.minItems(1), Schema.maxItems(grants.length))
  .annotations({
    message: ({ actual }) => ({
      message: `grants is ${quoted(JSON.stringify(actual) ?? "")}; allowed: a list of one or more of ${grants.join(", ")}`,
      override: true
    })
  })

export const GrantsPayload = strict({
  agent_id: anyId(AgentId),
  /** Null gives all of them. */
  grants: Schema.NullOr(Grants),
  reason: Reason,
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "AdminGrantsPayload" })

export const InvitePayload = strict({
  uses: optional(whole("uses", 1, inviteLimits.usesMax)),
  days: optional(whole("days", 1, inviteLimits.daysMax)),
  note: optional(Reason),
  grants: optional(Grants),
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "AdminInvitePayload" })

export const BudgetPayload = strict({
  organization_id: anyId(OrganizationId),
  period: Schema.Literal(...budgetPeriods),
  model: optional(anyId(ModelId)),
  /** Null takes the budget away. */
  limit_usd: Schema.NullOr(Usd),
  reason: optional(Reason),
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "AdminBudgetPayload" })
export type BudgetPayload = typeof BudgetPayload.Type

export const ResolvePayload = strict({
  attempt_id: anyId(AttemptId),
  outcome: Schema.Literal("charged", "not_charged"),
  cost_usd: optional(Usd),
  reason: Reason,
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "AdminResolvePayload" })
export type ResolvePayload = typeof ResolvePayload.Type

export const AdminJobsQuery = query({
  ...pageFields,
  status: Schema.optional(JobStatus),
  provider: Schema.optional(anyId(ProviderId)),
  organization_id: Schema.optional(anyId(OrganizationId))
})

export const SpendQuery = query({
  by: Schema.optional(Schema.Literal(...spendGroups)),
  from: Schema.optional(Day),
  to: Schema.optional(Day),
  organization_id: Schema.optional(anyId(OrganizationId))
})
export type SpendQuery = typeof SpendQuery.Type

const agent = HttpApiSchema.param("id", anyId(AgentId))
const invite = HttpApiSchema.param("id", anyId(InviteId))
const payment = HttpApiSchema.param("id", anyId(PaymentAttemptId))
const page = query(pageFields)

const read = <const Name extends string, const Path extends `/${string}`>(name: Name, path: Path, command: string) =>
  HttpApiEndpoint.get(name, path).addSuccess(Envelope).annotate(Command, `image-skill admin ${command}`)

const act = <const Name extends string, const Path extends `/${string}`>(name: Name, path: Path, command: string) =>
  HttpApiEndpoint.post(name, path)
    .setHeaders(IdempotencyHeaders)
    .addSuccess(Envelope)
    .annotate(Command, `image-skill admin ${command}`)

/** The house, for who runs it: all of it takes the operator's token, and an agent's opens nothing here. */
export const AdminApi = HttpApiGroup.make("admin")
  .add(read("agents", "/v1/admin/agents", "agents list").setUrlParams(page))
  .add(
    HttpApiEndpoint.get("agent")`/v1/admin/agents/${agent}`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill admin agents show")
  )
  .add(act("setGrants", "/v1/admin/agents/grants", "agents grants").setPayload(GrantsPayload))
  .add(read("jobs", "/v1/admin/jobs", "jobs list").setUrlParams(AdminJobsQuery))
  .add(act("grantCredits", "/v1/admin/credits/grant", "credits grant").setPayload(CreditsPayload))
  .add(act("revokeCredits", "/v1/admin/credits/revoke", "credits revoke").setPayload(CreditsPayload))
  .add(act("revokeToken", "/v1/admin/tokens/revoke", "tokens revoke").setPayload(TokenPayload))
  .add(act("rotateToken", "/v1/admin/tokens/rotate", "tokens rotate").setPayload(TokenPayload))
  .add(read("invites", "/v1/admin/invites", "invites list").setUrlParams(page))
  .add(act("createInvite", "/v1/admin/invites", "invites create").setPayload(InvitePayload))
  .add(
    HttpApiEndpoint.post("revokeInvite")`/v1/admin/invites/${invite}/revoke`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill admin invites revoke")
  )
  .add(
    read("budgets", "/v1/admin/budgets", "budgets list").setUrlParams(
      query({ ...pageFields, organization_id: Schema.optional(anyId(OrganizationId)) })
    )
  )
  .add(act("setBudget", "/v1/admin/budgets", "budgets set").setPayload(BudgetPayload))
  .add(read("spend", "/v1/admin/spend", "spend").setUrlParams(SpendQuery))
  .add(
    read("unknown", "/v1/admin/unknown", "unknown list").setUrlParams(
      query({ ...pageFields, state: Schema.optional(Schema.Literal("open", "resolved")) })
    )
  )
  .add(act("resolveUnknown", "/v1/admin/unknown/resolve", "unknown resolve").setPayload(ResolvePayload))
  .add(read("exposure", "/v1/admin/exposure", "exposure"))
  .add(read("acts", "/v1/admin/acts", "acts list").setUrlParams(page))
  .add(read("audit", "/v1/admin/audit", "audit"))
  .add(read("payments", "/v1/admin/payments", "payments list").setUrlParams(page))
  .add(
    read("paymentEvents", "/v1/admin/payment-events", "payments events").setUrlParams(
      query({ ...pageFields, outcome: Schema.optional(Schema.Literal("waiting", "rejected")) })
    )
  )
  .add(
    HttpApiEndpoint.post("reconcilePayment")`/v1/admin/payments/${payment}/reconcile`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill admin payments reconcile")
  )
  .annotateEndpoints(Caller, "operator")

const headerKey = Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => headers[idempotencyHeader] ?? null)

/** The body's key wins over the header's. */
export const creditChangeOf = (
  payload: CreditsPayload
): Effect.Effect<CreditChange, never, HttpServerRequest.HttpServerRequest> =>
  Effect.map(headerKey, (key) => ({
    organizationId: payload.organization_id,
    credits: payload.credits,
    reason: payload.reason,
    idempotencyKey: payload.idempotency_key ?? key
  }))

const ticksOf = (
  path: string,
  usd: number | null | undefined
): Either.Either<UsdTicks | null, Failure<"INVALID_ARGUMENTS">> => {
  if (usd === null || usd === undefined) return Either.right(null)
  return Either.mapLeft(parseUsd(usd), (text) => {
    const message = `${path} is ${text}; allowed: a decimal amount of USD from 0 to 100000`
    return failure("INVALID_ARGUMENTS", message, { details: { issues: [{ path, message }] } })
  })
}

export const budgetChangeOf = (payload: BudgetPayload): Either.Either<BudgetChange, Failure<"INVALID_ARGUMENTS">> =>
  Either.map(ticksOf("limit_usd", payload.limit_usd), (limit) => ({
    organizationId: payload.organization_id,
    period: payload.period,
    modelId: payload.model ?? null,
    limit,
    reason: payload.reason ?? ""
  }))

export const reconciliationOf = (
  payload: ResolvePayload
): Either.Either<Reconciliation, Failure<"INVALID_ARGUMENTS">> =>
  Either.map(ticksOf("cost_usd", payload.cost_usd), (cost) => ({
    attemptId: payload.attempt_id,
    outcome: payload.outcome,
    cost,
    reason: payload.reason
  }))

export const spendRequestOf = (query: SpendQuery): SpendRequest => ({
  organizationId: query.organization_id ?? null,
  from: query.from ?? null,
  to: query.to ?? null,
  by: query.by ?? "model,day"
})
