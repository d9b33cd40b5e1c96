import { Context, Data, Effect } from "effect"
import { type Failure, failure } from "../kernel/Errors.ts"
import type { AttemptId, OrganizationId } from "../kernel/Ids.ts"
import { Credits, type UsdTicks } from "../kernel/Money.ts"
import { spanned } from "../kernel/Traces.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"
import { type Entry, LedgerStore, type LedgerTransaction } from "./LedgerStore.ts"

/** Accounts of an organization and of the house. `unmetered` may fall below zero: there a spend is only recorded. */
export const accounts = {
  free: (organization: OrganizationId) => `org:${organization}:free`,
  paid: (organization: OrganizationId) => `org:${organization}:paid`,
  held: (organization: OrganizationId) => `org:${organization}:held`,
  unmetered: (organization: OrganizationId) => `org:${organization}:unmetered`,
  /** Above zero while a reversal could not be taken whole. */
  owed: (organization: OrganizationId) => `org:${organization}:owed`,
  /** The other side of `owed`. Not the house's: two organizations never wait for each other. */
  due: (organization: OrganizationId) => `org:${organization}:due`,
  revenue: "house:revenue",
  promo: "house:promo",
  clearing: "house:clearing",
  exposure: "house:exposure",
  /** What providers were found to have charged for outcomes that were unknown. */
  losses: "house:losses"
} as const

/** Where a hold was taken from, so that a release gives it back there. */
export interface Hold {
  readonly attemptId: AttemptId
  readonly organizationId: OrganizationId
  readonly free: Credits
  readonly paid: Credits
  readonly unmetered: Credits
}

export const heldCredits = (hold: Hold): Credits => Credits.make(hold.free + hold.paid + hold.unmetered)

export interface Balance {
  readonly free: Credits
  readonly paid: Credits
  readonly held: Credits
  /** Reversed and not yet taken: it is taken from whatever comes in next. */
  readonly owed: Credits
  /** Spent so far by an unmetered organization. */
  readonly unmeteredSpent: Credits
}

/** What was owed and is taken now. */
export interface Collection {
  readonly organizationId: OrganizationId
  readonly owedBefore: number
  readonly owedAfter: number
}

/** Told in the transaction that collects. By itself it does nothing: `layerLedger` puts it on record. */
export class OnCollected extends Context.Reference<OnCollected>()("@image-skill/core/OnCollected", {
  defaultValue: (): ((collection: Collection) => Effect.Effect<void, StorageUnavailable>) => () => Effect.void
}) {}

/** A settlement above its hold, or below zero: a defect of the caller, never of the user. */
export class OverSettlement extends Data.TaggedError("OverSettlement")<{ readonly attemptId: AttemptId }> {}

/**
 * Credits, double-entry and append-only. Every movement has an id of its own (`hold:att_…`), so that the same movement
 * twice is one. All methods join the transaction that is open; those that credit an organization want one.
 */
export class Ledger extends Effect.Service<Ledger>()("@image-skill/core/Ledger", {
  effect: Effect.gen(function* () {
    const store = yield* LedgerStore
    const onCollected = yield* OnCollected

    const balance = Effect.fnUntraced(function* (organization: OrganizationId) {
      const rows = yield* store.balances([
        accounts.free(organization),
        accounts.paid(organization),
        accounts.held(organization),
        accounts.owed(organization),
        accounts.unmetered(organization)
      ])
      const credits = (account: string) => Credits.make(rows.get(account) ?? 0)
      return {
        free: credits(accounts.free(organization)),
        paid: credits(accounts.paid(organization)),
        held: credits(accounts.held(organization)),
        owed: credits(accounts.owed(organization)),
        unmeteredSpent: Credits.make(-credits(accounts.unmetered(organization)))
      } satisfies Balance
    }, spanned("Ledger.balance"))

    /**
     * Takes what the organization owes from what it has, paid credits first. Every method that credits `free` or `paid`
     * ends here, in its own transaction. Its post has locked the accounts (`takable`), so nobody comes between. `isLate`:
     * it was owed before this movement.
     */
    const collect = Effect.fnUntraced(function* (organization: OrganizationId, cause: string, isLate = true) {
      const now = yield* balance(organization)
      const paid = Math.min(now.paid, now.owed)
      const free = Math.min(now.free, now.owed - paid)
      if (paid + free <= 0) return
      const posted = yield* store.post({
        id: `collect:${cause}`,
        kind: "reverse",
        reference: cause,
        entries: compact([
          [accounts.paid(organization), -paid],
          [accounts.free(organization), -free],
          [accounts.clearing, paid + free],
          [accounts.owed(organization), -(paid + free)],
          [accounts.due(organization), paid + free]
        ]),
        guarded: takable(organization)
      })
      if (posted === "refused") return yield* Effect.dieMessage(`what ${organization} owes moved under its lock`)
      if (isLate && posted === "posted")
        yield* onCollected({
          organizationId: organization,
          owedBefore: now.owed,
          owedAfter: now.owed - paid - free
        })
    }, spanned("Ledger.collect"))

    /** Takes free credits first. Fails without a change when they are short; an unmetered organization never is. */
    const hold = Effect.fnUntraced(function* (
      organization: OrganizationId,
      attemptId: AttemptId,
      amount: Credits,
      metered: boolean
    ): Effect.fn.Return<Hold, Failure<"QUOTA_EXCEEDED"> | StorageUnavailable> {
      const none = Credits.make(0)
      if (amount < 0) return yield* Effect.dieMessage(`a hold of ${amount} credits`)
      if (amount === 0) return { attemptId, organizationId: organization, free: none, paid: none, unmetered: none }
      const now = yield* balance(organization)
      const free = metered ? Credits.make(Math.min(Math.max(now.free, 0), amount)) : none
      const paid = metered ? Credits.make(amount - free) : none
      const unmetered = metered ? none : amount
      const posted = yield* store.post({
        id: `hold:${attemptId}`,
        kind: "hold",
        reference: attemptId,
        entries: compact([
          [accounts.free(organization), -free],
          [accounts.paid(organization), -paid],
          [accounts.unmetered(organization), -unmetered],
          [accounts.held(organization), amount]
        ]),
        guarded: [accounts.free(organization), accounts.paid(organization)]
      })
      if (posted === "refused") return yield* Effect.fail(creditsShort(amount, now))
      return { attemptId, organizationId: organization, free, paid, unmetered }
    }, spanned("Ledger.hold"))

    /** Debits part of a hold and gives the rest back to where it came from: paid credits first. */
    const settle = Effect.fnUntraced(function* (held: Hold, debit: Credits) {
      const whole = heldCredits(held)
      if (debit < 0 || debit > whole) return yield* new OverSettlement({ attemptId: held.attemptId })
      if (whole === 0) return
      const back = whole - debit
      const paid = Math.min(held.paid, back)
      const free = Math.min(held.free, back - paid)
      const organization = held.organizationId
      const posted = yield* store.post({
        // Settle and release share an id: a hold ends once.
        id: `end:${held.attemptId}`,
        kind: debit === 0 ? "release" : "settle",
        reference: held.attemptId,
        entries: compact([
          [accounts.held(organization), -whole],
          [accounts.revenue, debit],
          [accounts.paid(organization), paid],
          [accounts.free(organization), free],
          [accounts.unmetered(organization), back - paid - free]
        ]),
        guarded: [accounts.held(organization), ...(paid + free > 0 ? takable(organization) : [])]
      })
      if (posted === "refused") return yield* Effect.dieMessage(`the hold of ${held.attemptId} is gone`)
      if (posted === "posted" && paid + free > 0) yield* collect(organization, `end:${held.attemptId}`)
    }, spanned("Ledger.settle"))

    /** Posts what changes what an organization can be taken from, then takes what it owes. */
    const bring = Effect.fnUntraced(function* (
      organization: OrganizationId,
      id: string,
      kind: LedgerTransaction["kind"],
      rows: ReadonlyArray<readonly [string, number]>,
      isLate = true
    ) {
      const reference = id.slice(id.indexOf(":") + 1)
      const posted = yield* store.post({
        id,
        kind,
        reference,
        entries: compact(rows),
        guarded: takable(organization)
      })
      if (posted === "refused") return yield* Effect.dieMessage(`${id} would take more than there is`)
      if (posted === "posted") yield* collect(organization, id, isLate)
    }, spanned("Ledger.bring"))

    const release = (held: Hold) => settle(held, Credits.make(0))

    /** Free credits from the house's promotion, once per id. */
    const grantFree = (organization: OrganizationId, amount: Credits, id: string) =>
      bring(organization, `promo:${id}`, "grant", [
        [accounts.promo, -amount],
        [accounts.free(organization), amount]
      ])

    /** Credits that were paid for, once per id. What the organization owes is taken from them at once. */
    const grantPaid = (organization: OrganizationId, amount: Credits, id: string) =>
      bring(organization, `purchase:${id}`, "grant", [
        [accounts.clearing, -amount],
        [accounts.paid(organization), amount]
      ])

    /**
     * Money went back: its credits go, once per id. What cannot be taken is owed, and no balance falls below zero. Gives
     * what was taken now.
     */
    const reverse = Effect.fnUntraced(function* (organization: OrganizationId, amount: Credits, id: string) {
      const before = yield* balance(organization)
      const rows = [[accounts.due(organization), -amount] as const, [accounts.owed(organization), amount] as const]
      yield* bring(organization, `reverse:${id}`, "reverse", rows, false)
      const after = yield* balance(organization)
      return Credits.make(Math.max(0, Math.min(amount, before.free + before.paid - after.free - after.paid)))
    }, spanned("Ledger.reverse"))

    /** Money that had gone back is here again: so are its credits, once per id. */
    const reinstate = (organization: OrganizationId, amount: Credits, id: string) =>
      bring(organization, `reinstate:${id}`, "reverse", [
        [accounts.clearing, -amount],
        [accounts.paid(organization), amount]
      ])

    /** Books what a provider may charge for work whose outcome is unknown, or for a refusal that it bills. In ticks. */
    const expose = (attemptId: AttemptId, worstCase: UsdTicks) =>
      worstCase === 0
        ? Effect.void
        : Effect.asVoid(
            store.post({
              id: `expose:${attemptId}`,
              kind: "exposure",
              reference: attemptId,
              entries: [
                { account: accounts.clearing, unit: "usd_ticks", amount: -worstCase },
                { account: accounts.exposure, unit: "usd_ticks", amount: worstCase }
              ],
              guarded: []
            })
          )

    /** The provider was found to have charged `cost` for what was booked at its worst case. Once per attempt. */
    const resolveExposure = (attemptId: AttemptId, worstCase: UsdTicks, cost: UsdTicks) =>
      worstCase === 0 && cost === 0
        ? Effect.void
        : Effect.asVoid(
            store.post({
              id: `resolve:${attemptId}`,
              kind: "exposure",
              reference: attemptId,
              entries: [
                { account: accounts.exposure, unit: "usd_ticks" as const, amount: -worstCase },
                { account: accounts.losses, unit: "usd_ticks" as const, amount: cost },
                { account: accounts.clearing, unit: "usd_ticks" as const, amount: worstCase - cost }
              ].filter(({ amount }) => amount !== 0),
              guarded: []
            })
          )

    /**
     * Takes credits from what is available, free ones first, once per id: as many as there are. Gives how many that
     * were; nothing is owed for the rest.
     */
    const revoke = Effect.fnUntraced(function* (organization: OrganizationId, amount: Credits, id: string) {
      while (true) {
        const now = yield* balance(organization)
        const free = Math.min(Math.max(now.free, 0), amount)
        const paid = Math.min(Math.max(now.paid, 0), amount - free)
        if (free + paid === 0) return Credits.make(0)
        const posted = yield* store.post({
          id: `revoke:${id}`,
          kind: "reverse",
          reference: id,
          entries: compact([
            [accounts.free(organization), -free],
            [accounts.promo, free],
            [accounts.paid(organization), -paid],
            [accounts.clearing, paid]
          ]),
          guarded: takable(organization)
        })
        // Refused: a hold came between the look and the taking; there is less now.
        if (posted !== "refused") return Credits.make(free + paid)
      }
    }, spanned("Ledger.revoke"))

    return {
      ...{ balance, hold, settle, release, grantFree, grantPaid },
      ...{ reverse, reinstate, expose, resolveExposure, revoke }
    } as const
  })
}) {}

/** Guarded together and in this order, they are locked until the transaction ends. */
const takable = (organization: OrganizationId): ReadonlyArray<string> => [
  accounts.free(organization),
  accounts.owed(organization),
  accounts.paid(organization)
]

const compact = (rows: ReadonlyArray<readonly [string, number]>): ReadonlyArray<Entry> =>
  rows.flatMap(([account, amount]) => (amount === 0 ? [] : [{ account, unit: "credits", amount }]))

export const creditsShort = (needed: Credits, now: Pick<Balance, "free" | "paid">) =>
  failure("QUOTA_EXCEEDED", `The operation holds ${needed} credits; ${now.free + now.paid} are available`, {
    details: {
      limiting_factor: "credits",
      credits_required: needed,
      credits_available: now.free + now.paid,
      credits_missing: needed - now.free - now.paid
    },
    recovery: {
      suggested_commands: ["image-skill usage quota --json", "image-skill credits packs list --json"]
    }
  })

/** What is wrong with a set of transactions; empty when the books are right. */
export const auditIssues = (
  transactions: ReadonlyArray<LedgerTransaction>,
  balances: ReadonlyMap<string, number>
): ReadonlyArray<string> => {
  const issues: Array<string> = []
  const recomputed = new Map<string, number>()
  const ids = new Set<string>()
  for (const transaction of transactions) {
    if (ids.has(transaction.id)) issues.push(`${transaction.id} was posted twice`)
    ids.add(transaction.id)
    for (const unit of ["credits", "usd_ticks"] as const) {
      const sum = transaction.entries.reduce((total, entry) => total + (entry.unit === unit ? entry.amount : 0), 0)
      if (sum !== 0) issues.push(`${transaction.id}: ${unit} sum to ${sum}`)
    }
    for (const entry of transaction.entries) {
      recomputed.set(entry.account, (recomputed.get(entry.account) ?? 0) + entry.amount)
    }
  }
  for (const account of new Set([...recomputed.keys(), ...balances.keys()])) {
    const fromEntries = recomputed.get(account) ?? 0
    const shown = balances.get(account) ?? 0
    if (fromEntries !== shown) issues.push(`${account}: entries give ${fromEntries}, the balance is ${shown}`)
    if (/^org:.*:(free|paid|held|owed)$/.test(account) && shown < 0) issues.push(`${account} is below zero: ${shown}`)
  }
  return issues
}
