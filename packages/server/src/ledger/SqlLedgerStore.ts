import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { type Entry, LedgerStore, type LedgerTransaction } from "@image-skill/core/ledger/LedgerStore"
import { Effect, Layer, Schema } from "effect"
import { Sequenced } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const EntryRow = Schema.Struct({
  id: Schema.String,
  kind: Schema.Literal("hold", "settle", "release", "grant", "reverse", "exposure"),
  reference: Schema.String,
  account: Schema.NullOr(Schema.String),
  unit: Schema.NullOr(Schema.Literal("credits", "usd_ticks")),
  amount: Schema.NullOr(Schema.Int)
})
const BalanceRow = Schema.Struct({ account: Schema.String, amount: Schema.Int })
const decodeEntries = Schema.decodeUnknown(Schema.Array(EntryRow))
const decodeSequences = Schema.decodeUnknown(Schema.Array(Sequenced))
const decodeBalances = Schema.decodeUnknown(Schema.Array(BalanceRow))

/** What each account moves by. In the order of their names, so that two posts never wait for each other. */
const movements = (entries: ReadonlyArray<Entry>, guarded: ReadonlyArray<string>) => {
  const moves = new Map<string, number>(guarded.map((account) => [account, 0]))
  for (const { account, amount } of entries) moves.set(account, (moves.get(account) ?? 0) + amount)
  return [...moves].map(([account, amount]) => ({ account, amount })).sort((a, b) => (a.account < b.account ? -1 : 1))
}

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction

  const add = (account: string, amount: number) =>
    sql`INSERT INTO ledger_balances ${sql.insert({ account, amount })}
        ON CONFLICT (account) DO UPDATE SET amount = ledger_balances.amount + excluded.amount`

  /** False when the account would fall below zero; then it stays as it is. One statement, so nobody comes between. */
  const addGuarded = (account: string, amount: number) =>
    Effect.map(
      amount < 0
        ? sql`UPDATE ledger_balances SET amount = amount + ${amount}
              WHERE account = ${account} AND amount + ${amount} >= 0 RETURNING account`
        : sql`INSERT INTO ledger_balances ${sql.insert({ account, amount })}
              ON CONFLICT (account) DO UPDATE SET amount = ledger_balances.amount + excluded.amount
              WHERE ledger_balances.amount + excluded.amount >= 0 RETURNING account`,
      (rows) => rows.length > 0
    )

  const post = Effect.fnUntraced(function* (posted: LedgerTransaction, guarded: ReadonlyArray<string>) {
    const { id, kind, reference, entries } = posted
    const fresh = yield* sql`INSERT INTO ledger_transactions ${sql.insert({ id, kind, reference })}
                             ON CONFLICT (id) DO NOTHING RETURNING id`
    if (fresh.length === 0) return "duplicate" as const
    const moves = movements(entries, guarded)
    const [careful, free] = [
      moves.filter((m) => guarded.includes(m.account)),
      moves.filter((m) => !guarded.includes(m.account))
    ]
    const done: Array<{ readonly account: string; readonly amount: number }> = []
    for (const move of careful) {
      if (yield* addGuarded(move.account, move.amount)) {
        done.push(move)
        continue
      }
      // The caller's transaction may go on: what this post has done so far is taken back by hand.
      for (const { account, amount } of done) yield* add(account, -amount)
      yield* sql`DELETE FROM ledger_transactions WHERE id = ${id}`
      return "refused" as const
    }
    for (const { account, amount } of free) yield* add(account, amount)
    if (entries.length > 0) {
      const rows = entries.map(({ account, amount, unit }) => ({ transaction_id: id, account, unit, amount }))
      yield* sql`INSERT INTO ledger_entries ${sql.insert(rows)}`
    }
    return "posted" as const
  })

  const balances = (accounts: ReadonlyArray<string>) =>
    Effect.map(
      Effect.flatMap(
        sql`SELECT account, amount FROM ledger_balances WHERE account IN ${sql.in(accounts)}`,
        decodeBalances
      ),
      (rows) => {
        const known = new Map(rows.map(({ account, amount }) => [account, amount]))
        return new Map(accounts.map((account) => [account, known.get(account) ?? 0]))
      }
    )

  const withEntries = (rows: Statement<object>) => Effect.map(Effect.flatMap(rows, decodeEntries), grouped)

  const after = Effect.fnUntraced(function* (sequence: number, most: number) {
    const page = yield* Effect.flatMap(
      sql`SELECT sequence FROM ledger_transactions WHERE sequence > ${sequence} ORDER BY sequence LIMIT ${most}`,
      decodeSequences
    )
    const last = page.at(-1)?.sequence ?? null
    if (last === null) return { transactions: [], last }
    const transactions = yield* withEntries(
      sql`SELECT t.id, t.kind, t.reference, e.account, e.unit, e.amount FROM ledger_transactions t
          LEFT JOIN ledger_entries e ON e.transaction_id = t.id
          WHERE t.sequence > ${sequence} AND t.sequence <= ${last} ORDER BY t.sequence, e.sequence`
    )
    return { transactions, last }
  })

  const find = (ids: ReadonlyArray<string>) =>
    withEntries(
      sql`SELECT t.id, t.kind, t.reference, e.account, e.unit, e.amount FROM ledger_transactions t
          LEFT JOIN ledger_entries e ON e.transaction_id = t.id WHERE t.id IN ${sql.in(ids)}
          ORDER BY t.sequence, e.sequence`
    )

  /** In a transaction, so that entries and balances are of one moment. */
  const all = Effect.gen(function* () {
    const entries = yield* Effect.flatMap(
      sql`SELECT t.id, t.kind, t.reference, e.account, e.unit, e.amount FROM ledger_transactions t
          LEFT JOIN ledger_entries e ON e.transaction_id = t.id ORDER BY t.sequence, e.sequence`,
      decodeEntries
    )
    const rows = yield* Effect.flatMap(sql`SELECT account, amount FROM ledger_balances`, decodeBalances)
    return { transactions: grouped(entries), balances: new Map(rows.map(({ account, amount }) => [account, amount])) }
  })

  return LedgerStore.of({
    post: ({ guarded, ...posted }) => transaction.run(orUnavailable(post(posted, guarded))),
    balances: (accounts) => (accounts.length === 0 ? Effect.succeed(new Map()) : orUnavailable(balances(accounts))),
    all: transaction.run(orUnavailable(all)),
    after: (sequence, most) => orUnavailable(after(sequence, most)),
    find: (ids) =>
      ids.length === 0
        ? Effect.succeed(new Map())
        : orUnavailable(Effect.map(find(ids), (found) => new Map(found.map((one) => [one.id, one])))),
    balancesAfter: (account, most) =>
      sql`SELECT account, amount FROM ledger_balances WHERE account > ${account} ORDER BY account LIMIT ${most}`.pipe(
        Effect.flatMap(decodeBalances),
        orUnavailable
      )
  })
})

const grouped = (rows: ReadonlyArray<typeof EntryRow.Type>): ReadonlyArray<LedgerTransaction> => {
  const byId = new Map<string, LedgerTransaction & { readonly entries: Array<Entry> }>()
  for (const { id, kind, reference, account, unit, amount } of rows) {
    const known = byId.get(id) ?? { id, kind, reference, entries: [] }
    byId.set(id, known)
    if (account !== null && unit !== null && amount !== null) known.entries.push({ account, unit, amount })
  }
  return [...byId.values()]
}

/** The ledger's rows in SQL. */
export const layer = Layer.effect(LedgerStore, make)
