import { Context, Effect, Layer, Ref } from "effect"
import type { Credits } from "../kernel/Money.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"

/** What the house gives away per UTC day, to all agents together. */
export class FreeCredits extends Context.Tag("@image-skill/core/FreeCredits")<
  FreeCredits,
  {
    /**
     * Takes the amount from the day's free credits, unless more than `most` would be given that day: a conditional
     * update, whole or not at all. Joins the open transaction.
     */
    readonly take: (day: string, amount: Credits, most: Credits) => Effect.Effect<boolean, StorageUnavailable>
    readonly given: (day: string) => Effect.Effect<number, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyMap<string, number>>(new Map())
      return {
        take: (day, amount, most) =>
          tables.transact(
            Ref.modify(rows, (all) => {
              const given = (all.get(day) ?? 0) + amount
              return given > most ? [false, all] : [true, new Map(all).set(day, given)]
            })
          ),
        given: (day) => Effect.map(Ref.get(rows), (all) => all.get(day) ?? 0)
      }
    })
  )
}
