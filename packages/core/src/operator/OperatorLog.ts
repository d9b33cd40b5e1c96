import { Context, Effect, Layer, Option, Ref, Schema } from "effect"
import { JsonObject } from "../kernel/Json.ts"
import { type Page, type PageQuery, pageOf } from "../kernel/Page.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"

export const operatorActs = [
  "credits.grant",
  "credits.revoke",
  "tokens.revoke",
  "tokens.rotate",
  "agents.grants",
  "invites.create",
  "invites.revoke",
  "budgets.set",
  "budgets.remove",
  "unknown.resolve"
] as const

/** Something the operator did, and why. */
export const OperatorAct = Schema.Struct({
  /** Unique for ever: an act is done once. */
  key: Schema.String,
  act: Schema.Literal(...operatorActs),
  /** Whom or what it was done to: an id. */
  subject: Schema.String,
  reason: Schema.String,
  /** What was asked for. Two requests under one key are the same when this is equal. */
  request: JsonObject,
  /** What came of it. Never a secret. */
  result: JsonObject,
  /** Epoch milliseconds. */
  at: Schema.Int
})
export type OperatorAct = typeof OperatorAct.Type

/** What the operator did: append-only. */
export class OperatorLog extends Context.Tag("@image-skill/core/OperatorLog")<
  OperatorLog,
  {
    /** False when the key is taken. Joins the open transaction. */
    readonly append: (act: OperatorAct) => Effect.Effect<boolean, StorageUnavailable>
    readonly find: (key: string) => Effect.Effect<Option.Option<OperatorAct>, StorageUnavailable>
    /** The newest first. */
    readonly list: (query: PageQuery) => Effect.Effect<Page<OperatorAct>, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyArray<OperatorAct>>([])
      return {
        append: (act) =>
          tables.transact(
            Ref.modify(rows, (all) => (all.some(({ key }) => key === act.key) ? [false, all] : [true, [...all, act]]))
          ),
        find: (key) => Effect.map(Ref.get(rows), (all) => Option.fromNullable(all.find((act) => act.key === key))),
        list: (query) =>
          Effect.map(Ref.get(rows), (all) =>
            pageOf(
              all.map((act, index) => ({ act, sequence: index + 1 })).reverse(),
              query,
              ({ act }) => act,
              ({ sequence }) => sequence
            )
          )
      }
    })
  )
}
