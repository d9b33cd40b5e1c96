import type { Attempt } from "../../jobs/Job.ts"
import type { OwnedAttempt } from "../../jobs/JobStore.ts"
import { isOpen } from "../../jobs/Transitions.ts"
import type { OrganizationId } from "../../kernel/Ids.ts"
import { accounts } from "../../ledger/Ledger.ts"
import type { LedgerTransaction } from "../../ledger/LedgerStore.ts"

/** Beyond it something is wrong with everything, and no more is kept. */
const issuesKept = 10_000

const neverNegative = /^org:.*:(free|paid|held|owed)$/
const heldAccount = /^org:(.*):held$/

const addTo = <Key>(sums: Map<Key, number>, key: Key, amount: number) => sums.set(key, (sums.get(key) ?? 0) + amount)

const sumOf = ({ entries }: LedgerTransaction, unit: "credits" | "usd_ticks") =>
  entries.reduce((sum, entry) => sum + (entry.unit === unit ? entry.amount : 0), 0)

/** What entries put into an account. */
const inAccount = ({ entries }: LedgerTransaction, account: string) =>
  entries.reduce((sum, entry) => sum + (entry.account === account ? entry.amount : 0), 0)

/** The books as their entries make them, while they are read. */
export const makeBooks = () => {
  const sums = new Map<string, number>()
  const seen = new Set<string>()
  const issues: Array<string> = []
  const complain = (found: ReadonlyArray<string>) => {
    issues.push(...found.slice(0, issuesKept - issues.length))
  }
  const add = (transaction: LedgerTransaction) => {
    for (const unit of ["credits", "usd_ticks"] as const) {
      const sum = sumOf(transaction, unit)
      if (sum !== 0) complain([`${transaction.id}: its entries in ${unit} sum to ${sum}, not to 0`])
    }
    for (const { account, amount } of transaction.entries) addTo(sums, account, amount)
  }
  /** Balances as they are shown, at the moment up to which the entries were read. */
  const compare = (
    rows: ReadonlyArray<{ readonly account: string; readonly amount: number }>,
    held: ReadonlyMap<string, number>
  ) => {
    for (const { account, amount } of rows) {
      seen.add(account)
      const fromEntries = sums.get(account) ?? 0
      if (fromEntries !== amount) complain([`${account}: its entries give ${fromEntries}, its balance is ${amount}`])
      if (neverNegative.test(account) && amount < 0) complain([`${account} is below zero: ${amount}`])
      const organization = heldAccount.exec(account)?.[1]
      const open = organization === undefined ? amount : (held.get(organization) ?? 0)
      if (open !== amount) complain([`${account} is ${amount}; the attempts that are open hold ${open}`])
    }
  }
  return {
    /** The last transaction that was read. */
    sequence: 0,
    transactions: 0,
    attempts: 0,
    openAttempts: 0,
    issues,
    complain,
    add,
    compare,
    accounts: () => seen.size,
    /** Accounts with entries whose balance was not compared. */
    unseen: () => [...sums.keys()].filter((account) => !seen.has(account))
  }
}
export type Books = ReturnType<typeof makeBooks>

const heldBy = ({ held }: Attempt) => held.free + held.paid + held.unmetered

export const heldByOrganization = (open: ReadonlyArray<OwnedAttempt>): ReadonlyMap<string, number> => {
  const held = new Map<string, number>()
  for (const { attempt, organizationId } of open) {
    if (isOpen(attempt.phase)) addTo(held, organizationId, heldBy(attempt))
  }
  return held
}

const holdOf = ({ id }: Attempt) => `hold:${id}`
const endOf = ({ id }: Attempt) => `end:${id}`
const exposureOf = ({ id }: Attempt) => `expose:${id}`

/** Every posting that an attempt can have. */
export const ledgerIdsOf = (attempt: Attempt) => [holdOf(attempt), endOf(attempt), exposureOf(attempt)]

/** What does not fit between an attempt and its postings. */
export const issuesOfAttempt = (
  attempt: Attempt,
  organization: OrganizationId,
  posted: ReadonlyMap<string, LedgerTransaction>
): ReadonlyArray<string> => {
  const { assetIds, creditsPerImage, id, phase, worstCost } = attempt
  const held = heldBy(attempt)
  const settled = attempt.settled ?? 0
  const hold = posted.get(holdOf(attempt))
  const end = posted.get(endOf(attempt))
  const heldInBooks = hold === undefined ? 0 : inAccount(hold, accounts.held(organization))
  const debited = end === undefined ? 0 : inAccount(end, accounts.revenue)
  const most = phase === "delivered" ? creditsPerImage * assetIds.length : 0
  const isLost = phase === "unknown" && worstCost > 0 && !posted.has(exposureOf(attempt))
  return [
    ...(heldInBooks === held ? [] : [`${id} holds ${held}; the books hold ${heldInBooks} for it`]),
    ...(isOpen(phase) && end !== undefined ? [`${id} is ${phase}; the books have ended its hold`] : []),
    ...(!isOpen(phase) && held > 0 && end === undefined ? [`${id} is ${phase}; its hold was never ended`] : []),
    ...(debited === settled ? [] : [`${id} says that it was debited ${settled}; the books debited ${debited}`]),
    ...(settled <= most
      ? []
      : [`${id} is ${phase} with ${assetIds.length} images, for at most ${most}; it was debited ${settled}`]),
    ...(isLost ? [`${id} is unknown; nothing is booked for what it may have cost`] : [])
  ]
}

/** What budgets count as reserved must be the worst cost of what is open. */
export const issuesOfReservations = (
  open: ReadonlyArray<OwnedAttempt>,
  reserved: ReadonlyMap<OrganizationId, number>
): ReadonlyArray<string> => {
  const worst = new Map<OrganizationId, number>()
  for (const { attempt, organizationId } of open) addTo(worst, organizationId, attempt.worstCost)
  return [...new Set([...worst.keys(), ...reserved.keys()])].flatMap((organization) => {
    const [counted, real] = [reserved.get(organization) ?? 0, worst.get(organization) ?? 0]
    return counted === real
      ? []
      : [`${organization}: budgets reserve ${counted} ticks; the attempts that are open may cost ${real}`]
  })
}
