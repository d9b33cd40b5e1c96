import { Schema } from "effect"
import { JobStatus } from "../../jobs/Job.ts"
import { ClaimState } from "../../kernel/Envelope.ts"
import { Json, JsonObject } from "../../kernel/Json.ts"
import { BilledRefusals } from "./IdentityAnswers.ts"
import { count, maybe, paged, Replayed, ShownCommand, said, Time, TimeOrNull, textOrNull, texts } from "./parts.ts"

const Grants = said(texts, "what the agent may do")

const Agent = Schema.Struct({
  agent_id: Schema.String,
  organization_id: Schema.String,
  name: textOrNull,
  runtime: textOrNull,
  contact: said(textOrNull, "the operator alone is told"),
  is_harness: Schema.Boolean,
  claim_state: ClaimState,
  grants: Grants,
  created_at: Time
}).annotations({ identifier: "AdminAgent" })

const Balance = Schema.Struct({
  available: count,
  free_remaining: count,
  paid_remaining: count,
  held: count,
  owed: count,
  unmetered_spent: count
}).annotations({ identifier: "AdminBalance" })

const Budget = Schema.Struct({
  organization_id: Schema.String,
  period: Schema.String,
  model_id: textOrNull,
  limit_usd: Schema.Number,
  used_usd: maybe(Schema.Number),
  left_usd: maybe(Schema.Number)
}).annotations({ identifier: "AdminBudget" })

const Job = Schema.Struct({
  job_id: Schema.String,
  organization_id: Schema.String,
  agent_id: Schema.String,
  status: JobStatus,
  command: Schema.String,
  model_id: textOrNull,
  provider_id: textOrNull,
  trace_id: Schema.String,
  error: Schema.NullOr(Schema.Struct({ code: Schema.String, message: Schema.String })),
  cancel_requested: Schema.Boolean,
  owner: said(textOrNull, "the run that holds it"),
  takeovers: count,
  created_at: Time,
  completed_at: TimeOrNull,
  deadline_at: Time
}).annotations({ identifier: "AdminJob" })

const Invite = Schema.Struct({
  invite_id: Schema.String,
  note: textOrNull,
  uses_left: count,
  grants: Grants,
  expires_at: TimeOrNull,
  created_at: Time
}).annotations({ identifier: "AdminInvite" })

const Spend = Schema.Struct({
  day: maybe(Schema.String),
  model_id: textOrNull,
  provider_cost_usd: Schema.Number,
  reserved_usd: said(Schema.Number, "for calls whose cost is not known yet"),
  credits_debited: count,
  images: count
}).annotations({ identifier: "AdminSpend" })

const Unknown = Schema.Struct({
  attempt_id: Schema.String,
  job_id: Schema.String,
  organization_id: Schema.String,
  provider_id: textOrNull,
  model_id: textOrNull,
  provider_handle: said(Json, "what to ask the provider by"),
  worst_cost_usd: Schema.Number,
  accepted_at: Time,
  called_at: TimeOrNull,
  given_up_at: Time,
  resolution: Schema.NullOr(
    Schema.Struct({
      outcome: Schema.String,
      cost_usd: Schema.Number,
      reason: Schema.String,
      resolved_at: Time
    })
  )
}).annotations({ identifier: "AdminUnknownOutcome" })

const Payment = Schema.Struct({
  payment_attempt_id: Schema.String,
  organization_id: Schema.String,
  agent_id: Schema.String,
  quote_id: Schema.String,
  payment_method: Schema.String,
  live_money: Schema.Boolean,
  state: Schema.String,
  amount_cents: count,
  checkout_session_id: textOrNull,
  payment_id: textOrNull,
  created_at: Time,
  expires_at: Time,
  next_look_at: TimeOrNull
}).annotations({ identifier: "AdminPayment" })

const PaymentEvent = Schema.Struct({
  payment_method: Schema.String,
  event_id: Schema.String,
  kind: Schema.String,
  payment_attempt_id: textOrNull,
  outcome: Schema.String,
  problem: textOrNull,
  received_at: Time
})

const Act = Schema.Struct({
  act: Schema.String,
  subject: Schema.String,
  reason: Schema.String,
  request: JsonObject,
  result: JsonObject,
  idempotency_key: Schema.String,
  at: Time
})

export const Agents = paged({ agents: Schema.Array(Agent) })
export const AgentShown = Schema.Struct({
  agent: Agent,
  credits: Balance,
  billed_refusals: BilledRefusals,
  budgets: Schema.Array(Budget)
})
export const Jobs = paged({ jobs: Schema.Array(Job) })

const changeFields = {
  organization_id: Schema.String,
  reason: Schema.String,
  idempotency_key: Schema.String,
  credits: Balance,
  idempotent_replay: maybe(Replayed)
}
export const CreditsGranted = Schema.Struct({ ...changeFields, credits_granted: count })
export const CreditsRevoked = Schema.Struct({
  ...changeFields,
  credits_asked: count,
  credits_revoked: said(count, "what was available of them")
})

const tokenFields = { agent_id: Schema.String, organization_id: Schema.String, reason: Schema.String }
export const TokenRevoked = Schema.Struct({ ...tokenFields, revoked: Schema.Boolean })
export const GrantsSet = Schema.Struct({ ...tokenFields, grants: Grants })
export const TokenRotated = Schema.Struct({
  ...tokenFields,
  token_created_at: Time,
  token: said(Schema.String, "once: it is kept nowhere"),
  token_presented: Schema.Literal(true)
})

export const Invites = paged({ invites: Schema.Array(Invite) })
export const InviteCreated = Schema.Struct({
  invite: Invite,
  invite_code: said(Schema.String, "once: the house keeps its hash")
})
export const InviteRevoked = Schema.Struct({ invite_id: Schema.String, uses_left: count })

export const BudgetsListed = paged({ budgets: Schema.Array(Budget) })
export const BudgetSet = Schema.Union(
  Schema.Struct({ budget: Budget }),
  Schema.Struct({
    organization_id: Schema.String,
    period: Schema.String,
    model_id: textOrNull,
    removed: said(Schema.Boolean, "false: there was none")
  })
)

export const SpendSummed = Schema.Struct({
  from: Schema.String,
  to: Schema.String,
  by: Schema.String,
  organization_id: textOrNull,
  spend: Schema.Array(Spend),
  total: Spend
})

export const UnknownListed = paged({ unknown: Schema.Array(Unknown) })
export const UnknownResolved = Schema.Struct({ unknown: Unknown, idempotent_replay: maybe(Replayed) })

export const Exposure = Schema.Struct({
  exposure_usd: said(Schema.Number, "what may be owed to providers, and nobody paid for"),
  losses_usd: said(Schema.Number, "what was found to be owed"),
  open_unknown: count,
  open_unknown_is_more: Schema.Boolean,
  next: Schema.Array(ShownCommand)
})

export const Acts = paged({ acts: Schema.Array(Act) })

export const Audited = Schema.Struct({
  sound: Schema.Literal(true),
  issues: texts,
  checked: Schema.Struct({ transactions: count, accounts: count, attempts: count, open_attempts: count })
})

export const Payments = paged({ payments: Schema.Array(Payment) })
export const PaymentEvents = paged({ events: Schema.Array(PaymentEvent) })
export const PaymentReconciled = Schema.Struct({ payment: Payment })
