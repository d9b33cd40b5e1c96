import { organizationOf } from "../identity/Identity.ts"
import { isOpen } from "../jobs/Transitions.ts"
import { auditIssues } from "../ledger/Ledger.ts"
import { fakeModels } from "./FakeProviderModels.ts"
import type { Facts, Law } from "./LawsFacts.ts"
import { allPayers } from "./SimulatorRequests.ts"

const attemptsOf = (facts: Facts) =>
  facts.jobs.flatMap(({ job, attempts }) => attempts.map((attempt) => ({ job, attempt })))

const exposures = (facts: Facts): ReadonlyMap<string, number> =>
  new Map(
    facts.transactions
      .filter((one) => one.kind === "exposure")
      .map((one) => [one.reference, one.entries.reduce((sum, entry) => sum + Math.max(0, entry.amount), 0)])
  )

/** What an organization has been debited, by the books. */
const debited = (facts: Facts, reference: string): number =>
  facts.transactions
    .filter((one) => one.reference === reference && one.kind === "settle")
    .flatMap((one) => one.entries)
    .reduce((sum, entry) => sum + (entry.account === "house:revenue" ? entry.amount : 0), 0)

/** Balances after every single movement, to see what was below zero only for a while. */
const everNegative = (facts: Facts): ReadonlyArray<string> => {
  const running = new Map<string, number>()
  const below = new Set<string>()
  for (const { account, amount } of facts.transactions.flatMap((one) => one.entries)) {
    const next = (running.get(account) ?? 0) + amount
    running.set(account, next)
    if (next < 0 && /^org:.*:(free|paid|held)$/.test(account)) below.add(account)
  }
  return [...below]
}

/** What credits may do, whatever happens. */
export const moneyLaws: ReadonlyArray<Law> = [
  {
    name: "the books are right",
    broken: (facts) => auditIssues(facts.transactions, facts.balances)
  },
  {
    name: "no balance is ever below zero",
    broken: (facts) => everNegative(facts).map((account) => `${account} was`)
  },
  {
    name: "every hold ends",
    broken: ({ balances }) =>
      [...balances]
        .filter(([account, amount]) => account.endsWith(":held") && amount !== 0)
        .map(([a, n]) => `${a}: ${n}`)
  },
  {
    name: "images that were delivered are debited as quoted, and nothing else is",
    broken: (facts) =>
      attemptsOf(facts).flatMap(({ attempt }) => {
        const most = attempt.phase === "delivered" ? attempt.creditsPerImage * attempt.assetIds.length : 0
        const least = attempt.estimatedCost === null ? Math.min(most, attempt.assetIds.length) : most
        const settled = attempt.settled ?? -1
        const inBooks = debited(facts, attempt.id)
        return settled < least || settled > most || settled !== inBooks
          ? [`${attempt.id} is ${attempt.phase}: ${settled} settled, ${inBooks} in the books, ${least} to ${most} due`]
          : []
      })
  },
  {
    name: "a job that failed or was canceled costs nothing",
    broken: ({ jobs }) =>
      jobs.flatMap(({ job, attempts }) => {
        const settled = attempts.reduce((sum, attempt) => sum + (attempt.settled ?? 0), 0)
        return job.status !== "completed" && settled !== 0 ? [`${job.id} is ${job.status} and cost ${settled}`] : []
      })
  },
  {
    name: "an organization has what it was given, less what was delivered to it",
    broken: (facts) =>
      allPayers.flatMap(({ actor, free, paid }) => {
        const organization = organizationOf(actor)
        const spent = attemptsOf(facts)
          .filter(({ job }) => job.organizationId === organization)
          .reduce((sum, { attempt }) => sum + (attempt.settled ?? 0), 0)
        const has = ["free", "paid", "unmetered"].reduce(
          (sum, name) => sum + (facts.balances.get(`org:${organization}:${name}`) ?? 0),
          0
        )
        return has === free + paid - spent
          ? []
          : [`${organization} has ${has}, and ${free + paid} less ${spent} is due`]
      })
  },
  {
    name: "an outcome that is not known is on the house, at its worst",
    broken: (facts) => {
      const booked = exposures(facts)
      return attemptsOf(facts).flatMap(({ attempt }) =>
        attempt.phase === "unknown" && (booked.get(attempt.id) ?? 0) !== attempt.worstCost
          ? [`${attempt.id}: ${booked.get(attempt.id) ?? 0} booked of ${attempt.worstCost}`]
          : []
      )
    }
  },
  {
    name: "what a provider charges was delivered, or is on the house",
    broken: (facts) => {
      const booked = exposures(facts)
      const phases = new Map(attemptsOf(facts).map(({ attempt }) => [attempt.id, attempt.phase]))
      return facts.records
        .filter((record) => record.charged > 0 && phases.get(record.attemptId) !== "delivered")
        .filter((record) => !booked.has(record.attemptId))
        .map((record) => `${record.attemptId} is ${phases.get(record.attemptId)} and costs ${record.charged} ticks`)
    }
  },
  {
    name: "an image that was billed and held back is on the house, beside those that were delivered",
    broken: (facts) => {
      const booked = exposures(facts)
      const billed = new Set(fakeModels.filter((model) => model.safety.refusalBilled).map((model): string => model.id))
      const delivered = new Map(attemptsOf(facts).map(({ attempt }) => [attempt.id, attempt]))
      return facts.records
        .filter(({ act, modelId }) => act._tag === "Answer" && act.answer.kind === "withheld" && billed.has(modelId))
        .filter(({ attemptId }) => delivered.get(attemptId)?.phase === "delivered")
        .filter(({ attemptId, charged }) => {
          const due = Math.ceil(charged / (delivered.get(attemptId)?.outputs ?? 1))
          return (booked.get(attemptId) ?? 0) < due
        })
        .map(
          ({ attemptId, charged }) => `${attemptId}: ${booked.get(attemptId) ?? 0} booked of its share of ${charged}`
        )
    }
  },
  {
    name: "budgets reserve the worst case of what is open, and nothing else",
    broken: (facts) => {
      const open = attemptsOf(facts).filter(({ attempt }) => isOpen(attempt.phase))
      const worst = open.reduce((sum, { attempt }) => sum + attempt.worstCost, 0)
      return worst === facts.reserved ? [] : [`${facts.reserved} ticks are reserved; what is open may cost ${worst}`]
    }
  },
  {
    name: "every unknown outcome is on the operator's list",
    broken: (facts) =>
      attemptsOf(facts)
        .filter(({ attempt }) => attempt.phase === "unknown" && !facts.unknown.has(attempt.id))
        .map(({ attempt }) => `${attempt.id} is not`)
  },
  {
    name: "nobody makes more jobs in a day than their cap",
    broken: ({ jobs }) =>
      allPayers.flatMap(({ actor }) => {
        const days = new Map<string, number>()
        for (const { job } of jobs.filter((one) => one.job.organizationId === organizationOf(actor))) {
          const day = new Date(job.createdAt).toISOString().slice(0, 10)
          days.set(day, (days.get(day) ?? 0) + 1)
        }
        return [...days].filter(([, count]) => count > (actor.dailyJobs ?? count)).map(([day, n]) => `${n} on ${day}`)
      })
  }
]
