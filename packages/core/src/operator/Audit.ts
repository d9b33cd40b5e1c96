import { Effect } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { JobStore, type OwnedAttempt } from "../jobs/JobStore.ts"
import { isOpen } from "../jobs/Transitions.ts"
import { Transaction } from "../kernel/Transaction.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"
import {
  type Books,
  heldByOrganization,
  issuesOfAttempt,
  issuesOfReservations,
  ledgerIdsOf,
  makeBooks
} from "./internal/books.ts"

/** What an audit looked at, and what is wrong. */
export interface AuditReport {
  /** The first hundred. */
  readonly issues: ReadonlyArray<string>
  readonly issueCount: number
  readonly transactions: number
  readonly accounts: number
  readonly attempts: number
  readonly openAttempts: number
}

const transactionsPerPage = 500
const accountsPerPage = 500
const jobsPerPage = 100
const issuesMost = 100

/**
 * Recomputes the books of a live house and compares them with what it shows: balances with entries, holds with open
 * attempts, debits with attempts and images, reservations with open attempts. It goes on in pages, each read as of one
 * moment, so that the house goes on working; it keeps one number an account. One audit runs at a time.
 */
export class Audit extends Effect.Service<Audit>()("@image-skill/core/Audit", {
  effect: Effect.gen(function* () {
    const ledger = yield* LedgerStore
    const jobs = yield* JobStore
    const assets = yield* AssetStore
    const activity = yield* ActivityLog
    const budgets = yield* Budgets
    const transaction = yield* Transaction
    const turn = yield* Effect.makeSemaphore(1)

    /** Reads on from where it is; false when there is nothing more. */
    const readOn = Effect.fnUntraced(function* (books: Books) {
      const page = yield* ledger.after(books.sequence, transactionsPerPage)
      page.transactions.forEach(books.add)
      books.transactions += page.transactions.length
      if (page.last !== null) books.sequence = page.last
      return page.last !== null
    })

    const readAll = (books: Books) => Effect.repeat(readOn(books), { while: (more) => more })

    /** Balances and holds, once the entries that came meanwhile are read too. */
    const comparePage = (books: Books, account: string) =>
      transaction.run(
        Effect.gen(function* () {
          yield* readAll(books)
          const rows = yield* ledger.balancesAfter(account, accountsPerPage)
          const hasHolds = rows.some((row) => row.account.endsWith(":held"))
          books.compare(rows, hasHolds ? heldByOrganization(yield* jobs.openAttempts) : new Map())
          return rows.at(-1)?.account ?? null
        })
      )

    /** Accounts that were made after their page was passed. */
    const compareRest = (books: Books) =>
      transaction.run(
        Effect.gen(function* () {
          yield* readAll(books)
          const rest = books.unseen()
          if (rest.length === 0) return
          const rows = [...(yield* ledger.balances(rest))].map(([account, amount]) => ({ account, amount }))
          books.compare(rows, heldByOrganization(yield* jobs.openAttempts))
        })
      )

    /** An image that was debited is there, or its owner has deleted it. */
    const missingImages = ({ attempt, organizationId }: OwnedAttempt) =>
      Effect.gen(function* () {
        if (attempt.phase !== "delivered") return []
        const gone = yield* Effect.filter(attempt.assetIds, (id) =>
          Effect.gen(function* () {
            if ((yield* assets.find(organizationId, id))._tag === "Some") return false
            const { items } = yield* activity.list(organizationId, { subject: id, limit: 10, cursor: null })
            return !items.some(({ type }) => type === "asset.deleted")
          })
        )
        return gone.map((id) => `${attempt.id} was debited for ${id}, which is neither there nor deleted`)
      })

    const compareAttempts = (books: Books, after: number) =>
      Effect.gen(function* () {
        const { attempts, issues, last } = yield* transaction.run(
          Effect.gen(function* () {
            const page = yield* jobs.attemptsAfter(after, jobsPerPage)
            const posted = yield* ledger.find(page.attempts.flatMap(({ attempt }) => ledgerIdsOf(attempt)))
            return {
              ...page,
              issues: page.attempts.flatMap(({ attempt, organizationId }) =>
                issuesOfAttempt(attempt, organizationId, posted)
              )
            }
          })
        )
        books.attempts += attempts.length
        books.complain(issues)
        books.complain((yield* Effect.forEach(attempts, missingImages)).flat())
        return last
      })

    const compareReservations = (books: Books) =>
      transaction.run(
        Effect.gen(function* () {
          const open = (yield* jobs.openAttempts).filter(({ attempt }) => isOpen(attempt.phase))
          books.openAttempts = open.length
          books.complain(issuesOfReservations(open, yield* budgets.reservations))
        })
      )

    const whole = Effect.gen(function* () {
      const books = makeBooks()
      yield* Effect.repeat(Effect.zipLeft(readOn(books), Effect.yieldNow()), { while: (more) => more })
      let account: string | null = ""
      while (account !== null) account = yield* Effect.zipLeft(comparePage(books, account), Effect.yieldNow())
      yield* compareRest(books)
      let after: number | null = 0
      while (after !== null) after = yield* Effect.zipLeft(compareAttempts(books, after), Effect.yieldNow())
      yield* compareReservations(books)
      const report: AuditReport = {
        issues: books.issues.slice(0, issuesMost),
        issueCount: books.issues.length,
        transactions: books.transactions,
        accounts: books.accounts(),
        attempts: books.attempts,
        openAttempts: books.openAttempts
      }
      return report
    })

    const run = turn.withPermits(1)(whole).pipe(Effect.withSpan("Audit.run"))

    return { run } as const
  })
}) {}
