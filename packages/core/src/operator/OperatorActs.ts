import { Clock, Effect, Option, Redacted } from "effect"
import { AgentStore } from "../identity/AgentStore.ts"
import { type GivenGrants, grantsOf } from "../identity/Grants.ts"
import { localOwner, organizationOf } from "../identity/Identity.ts"
import { Invites, inviteLimits } from "../identity/Invites.ts"
import { Tokens } from "../identity/Tokens.ts"
import { warn } from "../kernel/Call.ts"
import { failure } from "../kernel/Errors.ts"
import { type AgentId, type AttemptId, Ids, InviteId, type ModelId, type OrganizationId } from "../kernel/Ids.ts"
import { canonical, type JsonObject } from "../kernel/Json.ts"
import { Credits, UsdTicks, usdOf, zeroTicks } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"
import { isoOf } from "../kernel/Time.ts"
import { Transaction } from "../kernel/Transaction.ts"
import type { BudgetPeriod } from "../ledger/BudgetRecords.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { UnknownOutcomes } from "../ledger/UnknownOutcomes.ts"
import { ProviderRegistry } from "../provider/ProviderRegistry.ts"
import { invalidField, noAgent, noModel, noOrganization } from "./internal/refusals.ts"
import { balanceJson, budgetJson, inviteJson, unknownJson } from "./internal/renderings.ts"
import { type OperatorAct, OperatorLog } from "./OperatorLog.ts"

/** Why the operator does something: kept for ever. */
export interface Reasoned {
  readonly reason: string
  /** The same key again does nothing twice; null for a new one. */
  readonly idempotencyKey: string | null
}

export interface CreditChange extends Reasoned {
  readonly organizationId: OrganizationId
  readonly credits: number
}

export interface BudgetChange {
  readonly organizationId: OrganizationId
  readonly period: BudgetPeriod
  readonly modelId: ModelId | null
  /** Null takes the budget away. */
  readonly limit: UsdTicks | null
  readonly reason: string
}

export interface Reconciliation {
  readonly attemptId: AttemptId
  readonly outcome: "charged" | "not_charged"
  /** What the bill says; null for the worst case. */
  readonly cost: UsdTicks | null
  readonly reason: string
}

const otherRequest = (key: string) =>
  failure("IDEMPOTENCY_CONFLICT", "This key belongs to another act: repeat that one, or take a new key", {
    details: { idempotency_key: quoted(key) },
    recovery: { fields: ["idempotency_key"], suggested_command: "image-skill admin acts list --json" }
  })

const keyTaken = failure("STORAGE_UNAVAILABLE", "Another call with this key is being done; nothing was done here")

/** What the operator does to others' money, tokens and budgets. Each act is on record with its reason. */
export class OperatorActs extends Effect.Service<OperatorActs>()("@image-skill/core/OperatorActs", {
  effect: Effect.gen(function* () {
    const ids = yield* Ids
    const agents = yield* AgentStore
    const tokens = yield* Tokens
    const invites = yield* Invites
    const ledger = yield* Ledger
    const budgets = yield* Budgets
    const unknowns = yield* UnknownOutcomes
    const registry = yield* ProviderRegistry
    const log = yield* OperatorLog
    const transaction = yield* Transaction

    /** Does it and puts it on record, in one transaction; the same under its key is answered as it was. */
    const onRecord = <E, R>(
      about: Pick<OperatorAct, "act" | "subject" | "reason" | "request">,
      key: string | null,
      work: (key: string) => Effect.Effect<JsonObject, E, R>
    ) =>
      transaction.run(
        Effect.gen(function* () {
          const own = key ?? (yield* ids.trace).replace("trace_", "act_")
          const known = Option.getOrNull(yield* log.find(own))
          if (known !== null) {
            const isSame = known.act === about.act && canonical(known.request) === canonical(about.request)
            return isSame ? { ...known.result, idempotent_replay: true } : yield* otherRequest(own)
          }
          const result = yield* work(own)
          const isFirst = yield* log.append({ ...about, key: own, result, at: yield* Clock.currentTimeMillis })
          return isFirst ? result : yield* keyTaken
        })
      )

    const checkOrganization = Effect.fnUntraced(function* (id: OrganizationId) {
      // The owner of embedded mode never signed up.
      if (id === organizationOf(localOwner) || (yield* agents.hasOrganization(id))) return
      return yield* noOrganization(id)
    })

    const agentOf = (id: AgentId) =>
      Effect.flatMap(agents.get(id), Option.match({ onNone: () => noAgent(id), onSome: Effect.succeed }))

    const grant = Effect.fn("OperatorActs.grant")(function* (change: CreditChange) {
      const { credits, organizationId, reason } = change
      yield* checkOrganization(organizationId)
      const request = { organization_id: organizationId, credits, reason }
      return yield* onRecord(
        { act: "credits.grant", subject: organizationId, reason, request },
        change.idempotencyKey,
        (key) =>
          Effect.gen(function* () {
            yield* ledger.grantFree(organizationId, Credits.make(credits), `operator:${key}`)
            return {
              organization_id: organizationId,
              credits_granted: credits,
              reason,
              idempotency_key: key,
              credits: balanceJson(yield* ledger.balance(organizationId))
            }
          })
      )
    })

    /** Takes what is available and no more; what is held by running jobs stays held. */
    const revoke = Effect.fn("OperatorActs.revoke")(function* (change: CreditChange) {
      const { credits, organizationId, reason } = change
      yield* checkOrganization(organizationId)
      const request = { organization_id: organizationId, credits, reason }
      const answer = yield* onRecord(
        { act: "credits.revoke", subject: organizationId, reason, request },
        change.idempotencyKey,
        (key) =>
          Effect.gen(function* () {
            const taken = yield* ledger.revoke(organizationId, Credits.make(credits), `operator:${key}`)
            return {
              organization_id: organizationId,
              credits_asked: credits,
              credits_revoked: taken,
              reason,
              idempotency_key: key,
              credits: balanceJson(yield* ledger.balance(organizationId))
            }
          })
      )
      const taken = Number(answer["credits_revoked"])
      if (taken !== credits) {
        yield* warn(`${taken} of ${credits} credits were taken: no more were available, and none are owed`)
      }
      return answer
    })

    const revokeToken = Effect.fn("OperatorActs.revokeToken")(function* (agentId: AgentId, reason: string) {
      const agent = yield* agentOf(agentId)
      const about = { act: "tokens.revoke", subject: agent.id, reason, request: { agent_id: agent.id } } as const
      return yield* onRecord(about, null, () =>
        Effect.map(
          Effect.flatMap(Clock.currentTimeMillis, (now) => agents.revoke(agent.id, now)),
          (revoked) => ({ agent_id: agent.id, organization_id: agent.organizationId, revoked, reason })
        )
      )
    })

    /** The new token is in the answer, once; it is kept nowhere. */
    const rotateToken = Effect.fn("OperatorActs.rotateToken")(function* (agentId: AgentId, reason: string) {
      const agent = yield* agentOf(agentId)
      if (agent.claimState === "revoked") {
        return yield* invalidField("agent_id", `The agent "${agent.id}" is revoked: a token of it would be refused`)
      }
      const issued = yield* tokens.issue(agent.id)
      const about = { act: "tokens.rotate", subject: agent.id, reason, request: { agent_id: agent.id } } as const
      const answer = yield* onRecord(about, null, () =>
        Effect.as(agents.rotate(null, issued.token), {
          agent_id: agent.id,
          organization_id: agent.organizationId,
          token_created_at: isoOf(issued.token.createdAt),
          reason
        })
      )
      return { ...answer, token: Redacted.value(issued.secret), token_presented: true }
    })

    /** From the next call of the agent's token on. */
    const setGrants = Effect.fn("OperatorActs.setGrants")(function* (
      agentId: AgentId,
      given: GivenGrants,
      reason: string
    ) {
      const agent = yield* agentOf(agentId)
      const request = { agent_id: agent.id, grants: given === null ? null : [...grantsOf(given)] }
      const about = { act: "agents.grants", subject: agent.id, reason, request } as const
      return yield* onRecord(about, null, () =>
        Effect.as(agents.setGrants(agent.id, request.grants), {
          agent_id: agent.id,
          organization_id: agent.organizationId,
          grants: [...grantsOf(given)],
          reason
        })
      )
    })

    /** The code is in the answer, once: the house keeps its hash. */
    const createInvite = Effect.fn("OperatorActs.createInvite")(function* (wanted: {
      readonly uses: number
      readonly days: number
      readonly note: string | null
      readonly grants: GivenGrants
    }) {
      const made = yield* transaction.run(
        Effect.gen(function* () {
          const { code, invite } = yield* invites.create(wanted)
          const about = {
            act: "invites.create",
            subject: invite.id,
            reason: wanted.note ?? "",
            request: { ...wanted, grants: wanted.grants === null ? null : [...grantsOf(wanted.grants)] }
          } as const
          yield* onRecord(about, null, () => Effect.succeed(inviteJson(invite)))
          return { code, invite }
        })
      )
      return { invite: inviteJson(made.invite), invite_code: Redacted.value(made.code) }
    })

    const revokeInvite = Effect.fn("OperatorActs.revokeInvite")(function* (id: InviteId) {
      const about = { act: "invites.revoke", subject: id, reason: "", request: { invite_id: id } } as const
      return yield* onRecord(about, null, () =>
        Effect.flatMap(invites.close(id), (closed) =>
          closed
            ? Effect.succeed({ invite_id: id, uses_left: 0 })
            : invalidField(
                "invite_id",
                `There is no invite "${quoted(id)}" here`,
                "image-skill admin invites list --json"
              )
        )
      )
    })

    const setBudget = Effect.fn("OperatorActs.setBudget")(function* (change: BudgetChange) {
      const { limit, modelId, organizationId, period, reason } = change
      yield* checkOrganization(organizationId)
      if (modelId !== null && registry.model(modelId) === undefined) return yield* noModel(modelId)
      const scope = { organizationId, period, modelId }
      const about = {
        act: limit === null ? "budgets.remove" : "budgets.set",
        subject: organizationId,
        reason,
        request: {
          organization_id: organizationId,
          period,
          model_id: modelId,
          limit_usd: limit === null ? null : usdOf(limit)
        }
      } as const
      return yield* onRecord(about, null, () =>
        Effect.gen(function* () {
          if (limit === null)
            return { organization_id: organizationId, period, model_id: modelId, removed: yield* budgets.remove(scope) }
          yield* budgets.set({ ...scope, limit })
          const used = yield* budgets.used(scope, yield* Clock.currentTimeMillis)
          return { budget: budgetJson({ ...scope, limit }, used) }
        })
      )
    })

    /** Moves what was booked at its worst case: off the exposure, and into losses as far as it was charged. */
    const reconcile = Effect.fn("OperatorActs.reconcile")(function* (found: Reconciliation) {
      const { attemptId, outcome, reason } = found
      const lost = Option.getOrNull(yield* unknowns.get(attemptId))
      if (lost === null) {
        return yield* invalidField(
          "attempt_id",
          `There is no unknown outcome of "${quoted(attemptId)}" here`,
          "image-skill admin unknown list --json"
        )
      }
      if (outcome === "not_charged" && found.cost !== null && found.cost > 0) {
        return yield* invalidField("cost_usd", "cost_usd is for an outcome that was charged")
      }
      const cost = outcome === "charged" ? (found.cost ?? lost.worstCost) : zeroTicks
      const request = { attempt_id: attemptId, outcome, cost_usd: usdOf(cost) }
      const about = { act: "unknown.resolve", subject: attemptId, reason, request } as const
      return yield* onRecord(about, `unknown:${attemptId}`, () =>
        Effect.gen(function* () {
          const resolution = { outcome, cost, reason, resolvedAt: yield* Clock.currentTimeMillis }
          if (!(yield* unknowns.resolve(attemptId, resolution))) return yield* keyTaken
          yield* ledger.resolveExposure(attemptId, lost.worstCost, cost)
          const { acceptedAt, modelId, organizationId } = lost
          const change = { cost: cost - lost.worstCost, credits: 0, images: 0 }
          yield* budgets.settle({ organizationId, modelId, acceptedAt }, UsdTicks.make(0), change)
          return { unknown: unknownJson({ ...lost, resolution }) }
        })
      )
    })

    return {
      ...{ grant, revoke, revokeToken, rotateToken, setGrants, createInvite, revokeInvite, setBudget, reconcile },
      inviteLimits
    } as const
  })
}) {}
