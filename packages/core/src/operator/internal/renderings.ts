import { Redacted } from "effect"
import type { Agent } from "../../identity/Agent.ts"
import { grantsOf } from "../../identity/Grants.ts"
import type { Invite } from "../../identity/InviteStore.ts"
import type { JobHead } from "../../jobs/JobStore.ts"
import type { JsonObject } from "../../kernel/Json.ts"
import { UsdTicks, usdOf } from "../../kernel/Money.ts"
import type { Page } from "../../kernel/Page.ts"
import { isoOf } from "../../kernel/Time.ts"
import type { Budget, Spend } from "../../ledger/BudgetRecords.ts"
import type { Balance } from "../../ledger/Ledger.ts"
import type { PaymentAttempt, ProviderEvent } from "../../ledger/PaymentRecords.ts"
import type { UnknownOutcome } from "../../ledger/UnknownOutcomes.ts"
import type { OperatorAct } from "../OperatorLog.ts"

const isoOrNull = (millis: number | null) => (millis === null ? null : isoOf(millis))

/** A page of a list under its name. */
export const pageJson = <A>(name: string, page: Page<A>, itemOf: (item: A) => JsonObject): JsonObject => ({
  [name]: page.items.map(itemOf),
  next_cursor: page.nextCursor
})

/** With the contact, which the operator alone may read. */
export const agentJson = (agent: Agent): JsonObject => ({
  agent_id: agent.id,
  organization_id: agent.organizationId,
  name: agent.name,
  runtime: agent.runtime,
  contact: agent.contact === null ? null : Redacted.value(agent.contact),
  is_harness: agent.isHarness,
  claim_state: agent.claimState,
  grants: [...grantsOf(agent.grants)],
  created_at: isoOf(agent.createdAt)
})

export const balanceJson = ({ free, held, owed, paid, unmeteredSpent }: Balance): JsonObject => ({
  available: free + paid,
  free_remaining: free,
  paid_remaining: paid,
  held,
  owed,
  unmetered_spent: unmeteredSpent
})

/** Never the prompt, nor what it made. */
export const jobJson = (job: JobHead): JsonObject => ({
  job_id: job.id,
  organization_id: job.organizationId,
  agent_id: job.agentId,
  status: job.status,
  command: job.command,
  model_id: job.modelId,
  provider_id: job.providerId,
  trace_id: job.traceId,
  error: job.error === null ? null : { code: job.error.code, message: job.error.message },
  cancel_requested: job.cancelRequested,
  owner: job.owner,
  takeovers: job.epoch,
  created_at: isoOf(job.createdAt),
  completed_at: isoOrNull(job.completedAt),
  deadline_at: isoOf(job.deadlineAt)
})

/** Never the code, which is not known any more. */
export const inviteJson = (invite: Invite): JsonObject => ({
  invite_id: invite.id,
  note: invite.note,
  uses_left: invite.usesLeft,
  grants: [...grantsOf(invite.grants)],
  expires_at: isoOf(invite.expiresAt),
  created_at: isoOf(invite.createdAt)
})

export const budgetJson = ({ limit, modelId, organizationId, period }: Budget, used: UsdTicks | null): JsonObject => ({
  organization_id: organizationId,
  period,
  model_id: modelId,
  limit_usd: usdOf(limit),
  ...(used === null ? {} : { used_usd: usdOf(used), left_usd: usdOf(UsdTicks.make(Math.max(0, limit - used))) })
})

/** `day` is left out where days are summed up. */
export const spendJson = ({ cost, credits, images, modelId, period, reserved }: Spend): JsonObject => ({
  ...(period === "" ? {} : { day: period }),
  model_id: modelId,
  provider_cost_usd: usdOf(cost),
  reserved_usd: usdOf(reserved),
  credits_debited: credits,
  images
})

export const unknownJson = (outcome: UnknownOutcome): JsonObject => ({
  attempt_id: outcome.attemptId,
  job_id: outcome.jobId,
  organization_id: outcome.organizationId,
  provider_id: outcome.providerId,
  model_id: outcome.modelId,
  provider_handle: outcome.handle,
  worst_cost_usd: usdOf(outcome.worstCost),
  accepted_at: isoOf(outcome.acceptedAt),
  called_at: isoOrNull(outcome.claimedAt),
  given_up_at: isoOf(outcome.lostAt),
  resolution:
    outcome.resolution === null
      ? null
      : {
          outcome: outcome.resolution.outcome,
          cost_usd: usdOf(outcome.resolution.cost),
          reason: outcome.resolution.reason,
          resolved_at: isoOf(outcome.resolution.resolvedAt)
        }
})

export const actJson = ({ act, at, key, reason, request, result, subject }: OperatorAct): JsonObject => ({
  act,
  subject,
  reason,
  request,
  result,
  idempotency_key: key,
  at: isoOf(at)
})

/** Never the page where a person pays: who has it can pay. */
export const paymentJson = (attempt: PaymentAttempt): JsonObject => ({
  payment_attempt_id: attempt.id,
  organization_id: attempt.organizationId,
  agent_id: attempt.agentId,
  quote_id: attempt.quoteId,
  payment_method: attempt.rail,
  live_money: attempt.isLive,
  state: attempt.state,
  amount_cents: attempt.amountCents,
  checkout_session_id: attempt.sessionId,
  payment_id: attempt.paymentId,
  created_at: isoOf(attempt.createdAt),
  expires_at: isoOf(attempt.expiresAt),
  next_look_at: isoOrNull(attempt.lookAt)
})

export const paymentEventJson = ({
  attemptId,
  event,
  outcome,
  problem,
  rail,
  receivedAt
}: ProviderEvent): JsonObject => ({
  payment_method: rail,
  event_id: event.eventId,
  kind: event.kind,
  payment_attempt_id: attemptId,
  outcome,
  problem,
  received_at: isoOf(receivedAt)
})
