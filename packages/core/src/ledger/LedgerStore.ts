import { Context, Effect, Layer, Ref } from "effect"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"

export interface Entry {
  readonly account: string
  readonly unit: "credits" | "usd_ticks"
  readonly amount: number
}

export interface LedgerTransaction {
  /** Unique for ever: a second post of the same id changes nothing. */
  readonly id: string
  readonly kind: "hold" | "settle" | "release" | "grant" | "reverse" | "exposure"
  readonly reference: string
  /** Sum to zero in each unit. */
  readonly entries: ReadonlyArray<Entry>
}

/** The rows under the ledger. */
export class LedgerStore extends Context.Tag("@image-skill/core/LedgerStore")<
  LedgerStore,
  {
    /**
     * Adds the entries and moves the balances. `refused` when a guarded account would fall below zero (nothing is
     * changed; it is a conditional update, not a read and a write), `duplicate` when the id was posted before.
     */
    readonly post: (
      transaction: LedgerTransaction & { readonly guarded: ReadonlyArray<string> }
    ) => Effect.Effect<"posted" | "duplicate" | "refused", StorageUnavailable>
    readonly balances: (
      accounts: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, number>, StorageUnavailable>
    /** Everything, for an audit. */
    readonly all: Effect.Effect<
      { readonly transactions: ReadonlyArray<LedgerTransaction>; readonly balances: ReadonlyMap<string, number> },
      StorageUnavailable
    >
    /** The next `most` in the order in which they were posted; `last` is null when there are no more. */
    readonly after: (
      sequence: number,
      most: number
    ) => Effect.Effect<
      { readonly transactions: ReadonlyArray<LedgerTransaction>; readonly last: number | null },
      StorageUnavailable
    >
    readonly find: (
      ids: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, LedgerTransaction>, StorageUnavailable>
    /** The next `most` accounts in the order of their names, from the one after `account`. */
    readonly balancesAfter: (
      account: string,
      most: number
    ) => Effect.Effect<ReadonlyArray<{ readonly account: string; readonly amount: number }>, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const transactions = yield* tables.table<ReadonlyMap<string, LedgerTransaction>>(new Map())
      const balances = yield* tables.table<ReadonlyMap<string, number>>(new Map())
      return {
        post: ({ guarded, ...transaction }) =>
          tables.transact(
            Effect.gen(function* () {
              const posted = yield* Ref.get(transactions)
              if (posted.has(transaction.id)) return "duplicate"
              const next = new Map(yield* Ref.get(balances))
              for (const { account, amount } of transaction.entries)
                next.set(account, (next.get(account) ?? 0) + amount)
              if (guarded.some((account) => (next.get(account) ?? 0) < 0)) return "refused"
              yield* Ref.set(balances, next)
              yield* Ref.set(transactions, new Map(posted).set(transaction.id, transaction))
              return "posted"
            })
          ),
        balances: (accounts) =>
          Effect.map(Ref.get(balances), (all) => new Map(accounts.map((account) => [account, all.get(account) ?? 0]))),
        all: Effect.all({
          transactions: Effect.map(Ref.get(transactions), (all) => [...all.values()]),
          balances: Ref.get(balances)
        }),
        after: (sequence, most) =>
          Effect.map(Ref.get(transactions), (all) => {
            const page = [...all.values()].slice(sequence, sequence + most)
            return { transactions: page, last: page.length === 0 ? null : sequence + page.length }
          }),
        find: (ids) =>
          Effect.map(
            Ref.get(transactions),
            (all) =>
              new Map(
                ids.flatMap((id) => {
                  const found = all.get(id)
                  return found === undefined ? [] : [[id, found]]
                })
              )
          ),
        balancesAfter: (account, most) =>
          Effect.map(Ref.get(balances), (all) =>
            [...all]
              .map(([name, amount]) => ({ account: name, amount }))
              .filter((row) => row.account > account)
              .sort((a, b) => (a.account < b.account ? -1 : 1))
              .slice(0, most)
          )
      }
    })
  )
}
