import { Clock, Effect, Option } from "effect"
import { AgentStore } from "../identity/AgentStore.ts"
import { InviteStore } from "../identity/InviteStore.ts"
import { DailyJobs, today } from "../identity/Quota.ts"
import { RefusalLimit, refusalsJson } from "../identity/Refusals.ts"
import { type JobFilter, JobStore } from "../jobs/JobStore.ts"
import { failure } from "../kernel/Errors.ts"
import type { AgentId, OrganizationId, PaymentAttemptId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { Credits, UsdTicks, usdOf } from "../kernel/Money.ts"
import type { PageQuery } from "../kernel/Page.ts"
import { quoted } from "../kernel/Quote.ts"
import { dayOf, type Spend } from "../ledger/BudgetRecords.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { accounts, Ledger } from "../ledger/Ledger.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"
import { PaymentSweep } from "../ledger/PaymentSweep.ts"
import { UnknownOutcomes } from "../ledger/UnknownOutcomes.ts"
import { Audit } from "./Audit.ts"
import { invalidField, noAgent } from "./internal/refusals.ts"
import * as render from "./internal/renderings.ts"
import { OperatorLog } from "./OperatorLog.ts"

export const spendGroups = ["model,day", "model", "day"] as const
export type SpendGroup = (typeof spendGroups)[number]

export interface SpendRequest {
  readonly organizationId: OrganizationId | null
  /** UTC days; null for the last thirty. */
  readonly from: string | null
  readonly to: string | null
  readonly by: SpendGroup
}

const dayMillis = 24 * 60 * 60 * 1000
const spendDaysDefault = 30
const spendDaysMax = 92
const openCountedMost = 1000

/** One row for each model, over all its days. */
const overDays = (rows: ReadonlyArray<Spend>): ReadonlyArray<Spend> => {
  const sums = new Map<string, Spend>()
  for (const row of rows) {
    const known = sums.get(row.modelId ?? "")
    sums.set(row.modelId ?? "", known === undefined ? { ...row, period: "" } : sumOf(known, row))
  }
  return [...sums.values()].sort((a, b) => b.cost - a.cost)
}

const sumOf = (a: Spend, b: Pick<Spend, "reserved" | "cost" | "credits" | "images">): Spend => ({
  ...a,
  reserved: UsdTicks.make(a.reserved + b.reserved),
  cost: UsdTicks.make(a.cost + b.cost),
  credits: Credits.make(a.credits + b.credits),
  images: a.images + b.images
})

const nothing: Spend = {
  period: "",
  modelId: null,
  reserved: UsdTicks.make(0),
  cost: UsdTicks.make(0),
  credits: Credits.make(0),
  images: 0
}

/** What the operator can see of the house: all organizations, page by page. */
export class OperatorReads extends Effect.Service<OperatorReads>()("@image-skill/core/OperatorReads", {
  effect: Effect.gen(function* () {
    const store = yield* AgentStore
    const jobStore = yield* JobStore
    const daily = yield* DailyJobs
    const refusalLimit = yield* RefusalLimit
    const ledger = yield* Ledger
    const books = yield* LedgerStore
    const budgetStore = yield* Budgets
    const unknownStore = yield* UnknownOutcomes
    const inviteStore = yield* InviteStore
    const log = yield* OperatorLog
    const sweep = yield* PaymentSweep
    const auditor = yield* Audit

    const agents = (query: PageQuery) =>
      Effect.map(store.list(query), (page) => render.pageJson("agents", page, render.agentJson))

    const budgetsOf = (organization: OrganizationId | null, query: PageQuery) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const page = yield* budgetStore.list(organization, query)
        const items = yield* Effect.forEach(page.items, (budget) =>
          Effect.map(budgetStore.used(budget, now), (used) => render.budgetJson(budget, used))
        )
        return { budgets: items, next_cursor: page.nextCursor }
      })

    const agent = Effect.fn("OperatorReads.agent")(function* (id: AgentId) {
      const found = Option.getOrNull(yield* store.get(id))
      if (found === null) return yield* noAgent(id)
      const { budgets } = yield* budgetsOf(found.organizationId, { limit: limits.pageMax, cursor: null })
      const balance = yield* ledger.balance(found.organizationId)
      const { day, resetsAt } = yield* today
      const refused = yield* daily.refused(found.organizationId, day)
      return {
        agent: render.agentJson(found),
        credits: render.balanceJson(balance),
        billed_refusals: refusalsJson(refusalLimit, refused, resetsAt),
        budgets
      }
    })

    const jobs = (filter: JobFilter, query: PageQuery) =>
      Effect.map(jobStore.listAll(filter, query), (page) => render.pageJson("jobs", page, render.jobJson))

    const invites = (query: PageQuery) =>
      Effect.map(inviteStore.list(query), (page) => render.pageJson("invites", page, render.inviteJson))

    /** At most 92 days; bounded by days and models. */
    const spend = Effect.fn("OperatorReads.spend")(function* ({ by, from, organizationId, to }: SpendRequest) {
      const now = yield* Clock.currentTimeMillis
      const last = to ?? dayOf(now)
      const lastMillis = Date.parse(`${last}T00:00:00Z`)
      if (Number.isNaN(lastMillis)) return yield* invalidField("to", `to is "${quoted(last)}"; that is no day`)
      const first = from ?? dayOf(lastMillis - (spendDaysDefault - 1) * dayMillis)
      const days = (lastMillis - Date.parse(`${first}T00:00:00Z`)) / dayMillis + 1
      if (!(days >= 1 && days <= spendDaysMax)) {
        return yield* invalidField(
          "from",
          `from ${quoted(first)} to ${quoted(last)} is no span of 1 to ${spendDaysMax} days`
        )
      }
      const query = { organizationId, from: first, to: last }
      const rows = yield* budgetStore.spend({ ...query, byModel: by !== "day" })
      const shown = by === "model" ? overDays(rows) : rows
      return {
        ...{ from: first, to: last, by, organization_id: organizationId },
        spend: shown.map(render.spendJson),
        total: render.spendJson(rows.reduce(sumOf, nothing))
      }
    })

    const unknown = (state: "open" | "resolved", query: PageQuery) =>
      Effect.map(unknownStore.list(state, query), (page) => render.pageJson("unknown", page, render.unknownJson))

    /** What the house may owe providers without being paid for it, and what it was found to owe. */
    const exposure = Effect.gen(function* () {
      const rows = yield* books.balances([accounts.exposure, accounts.losses])
      const usd = (account: string) => usdOf(UsdTicks.make(rows.get(account) ?? 0))
      const open = yield* unknownStore.countOpen(openCountedMost + 1)
      return {
        exposure_usd: usd(accounts.exposure),
        losses_usd: usd(accounts.losses),
        open_unknown: Math.min(open, openCountedMost),
        open_unknown_is_more: open > openCountedMost,
        next: open === 0 ? [] : ["image-skill admin unknown list --json"]
      } satisfies JsonObject
    })

    const acts = (query: PageQuery) =>
      Effect.map(log.list(query), (page) => render.pageJson("acts", page, render.actJson))

    /** Fails when the books are wrong. */
    const audit = Effect.gen(function* () {
      const { accounts, attempts, issueCount, issues, openAttempts, transactions } = yield* auditor.run
      const checked = { transactions, accounts, attempts, open_attempts: openAttempts }
      if (issueCount === 0) return { sound: true, issues: [], checked } satisfies JsonObject
      return yield* failure("INTERNAL", `The books are wrong in ${issueCount} places: ${issues[0] ?? ""}`, {
        details: { sound: false, issue_count: issueCount, issues: [...issues], checked }
      })
    })

    const payments = (query: PageQuery) =>
      Effect.map(sweep.attempts(query), (page) => render.pageJson("payments", page, render.paymentJson))

    const paymentEvents = (outcome: "waiting" | "rejected", query: PageQuery) =>
      Effect.map(sweep.events(outcome, query), (page) => render.pageJson("events", page, render.paymentEventJson))

    /** Asks the rail about one payment now. */
    const reconcilePayment = Effect.fn("OperatorReads.reconcilePayment")(function* (id: PaymentAttemptId) {
      const attempt = yield* Effect.catchTag(sweep.reconcile(id), "RailProblem", ({ message }) =>
        failure("PROVIDER_UNAVAILABLE", `The payment provider did not answer: ${message}`, {
          recovery: { retry_after_seconds: 10 }
        })
      )
      if (attempt !== null) return { payment: render.paymentJson(attempt) }
      return yield* failure("PAYMENT_REFERENCE_NOT_FOUND", `There is no payment "${quoted(id)}" here`, {
        details: { payment_attempt_id: quoted(id) },
        recovery: { suggested_command: "image-skill admin payments list --json" }
      })
    })

    return {
      ...{ agents, agent, jobs, invites, budgets: budgetsOf, spend, unknown, exposure, acts, audit },
      ...{ payments, paymentEvents, reconcilePayment }
    } as const
  })
}) {}
