import { HttpApiBuilder } from "@effect/platform"
import { budgetChangeOf, creditChangeOf, reconciliationOf, spendRequestOf } from "@image-skill/core/api/AdminApi"
import { Api } from "@image-skill/core/api/Api"
import { pageQuery } from "@image-skill/core/api/Fields"
import { OperatorActs } from "@image-skill/core/operator/OperatorActs"
import { OperatorReads } from "@image-skill/core/operator/OperatorReads"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"

const inviteDays = 30

export const AdminHttp = HttpApiBuilder.group(
  Api,
  "admin",
  Effect.fnUntraced(function* (handlers) {
    const { operated } = yield* Answering
    const reads = yield* OperatorReads
    const acts = yield* OperatorActs
    return handlers
      .handle("agents", ({ urlParams }) => operated(reads.agents(pageQuery(urlParams))))
      .handle("agent", ({ path }) => operated(reads.agent(path.id)))
      .handle("setGrants", ({ payload }) => operated(acts.setGrants(payload.agent_id, payload.grants, payload.reason)))
      .handle("jobs", ({ urlParams: { organization_id, provider, status, ...page } }) =>
        operated(
          reads.jobs(
            { organizationId: organization_id ?? null, providerId: provider ?? null, status: status ?? null },
            pageQuery(page)
          )
        )
      )
      .handle("grantCredits", ({ payload }) => operated(Effect.flatMap(creditChangeOf(payload), acts.grant)))
      .handle("revokeCredits", ({ payload }) => operated(Effect.flatMap(creditChangeOf(payload), acts.revoke)))
      .handle("revokeToken", ({ payload }) => operated(acts.revokeToken(payload.agent_id, payload.reason)))
      .handle("rotateToken", ({ payload }) => operated(acts.rotateToken(payload.agent_id, payload.reason)))
      .handle("invites", ({ urlParams }) => operated(reads.invites(pageQuery(urlParams))))
      .handle("createInvite", ({ payload }) =>
        operated(
          acts.createInvite({
            uses: payload.uses ?? 1,
            days: payload.days ?? inviteDays,
            note: payload.note ?? null,
            grants: payload.grants ?? null
          })
        )
      )
      .handle("revokeInvite", ({ path }) => operated(acts.revokeInvite(path.id)))
      .handle("budgets", ({ urlParams: { organization_id, ...page } }) =>
        operated(reads.budgets(organization_id ?? null, pageQuery(page)))
      )
      .handle("setBudget", ({ payload }) => operated(Effect.flatMap(budgetChangeOf(payload), acts.setBudget)))
      .handle("spend", ({ urlParams }) => operated(reads.spend(spendRequestOf(urlParams))))
      .handle("unknown", ({ urlParams: { state, ...page } }) =>
        operated(reads.unknown(state ?? "open", pageQuery(page)))
      )
      .handle("resolveUnknown", ({ payload }) => operated(Effect.flatMap(reconciliationOf(payload), acts.reconcile)))
      .handle("exposure", () => operated(reads.exposure))
      .handle("acts", ({ urlParams }) => operated(reads.acts(pageQuery(urlParams))))
      .handle("audit", () => operated(reads.audit))
      .handle("payments", ({ urlParams }) => operated(reads.payments(pageQuery(urlParams))))
      .handle("paymentEvents", ({ urlParams: { outcome, ...page } }) =>
        operated(reads.paymentEvents(outcome ?? "waiting", pageQuery(page)))
      )
      .handle("reconcilePayment", ({ path }) => operated(reads.reconcilePayment(path.id)))
  })
)
