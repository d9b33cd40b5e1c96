import { Context, Effect, Layer, Logger, Ref } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { MediaOrigin } from "../assets/MediaOrigin.ts"
import { ResultSpool } from "../assets/ResultSpool.ts"
import { DailyJobs } from "../identity/Quota.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { IdempotencyStore } from "../kernel/Idempotency.ts"
import { Ids } from "../kernel/Ids.ts"
import { Digest } from "../kernel/Sha256.ts"
import { MemoryTables, Transaction } from "../kernel/Transaction.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"
import { UnknownOutcomes } from "../ledger/UnknownOutcomes.ts"
import { CreditPolicy } from "../pricing/CreditPolicy.ts"

/** The services that outlive a process: the database, the disks, and the ids that are never given twice. */
export type Lasting =
  | Transaction
  | JobStore
  | LedgerStore
  | Budgets
  | UnknownOutcomes
  | ActivityLog
  | AssetStore
  | DailyJobs
  | IdempotencyStore
  | BlobStore
  | ResultSpool
  | Ids
  | CreditPolicy
  | MediaOrigin

/** What all lives of a history stand on. */
export interface Ground {
  readonly lasting: Context.Context<Lasting>
  /** All that the tables hold, as text: to look for what must not be there, and to compare before and after. */
  readonly dump: Effect.Effect<string>
  /** Everything that was logged. */
  readonly logs: ReadonlyArray<string>
  readonly layerLogs: Layer.Layer<never>
}

/** Maps, sets and bytes are written out, which plain JSON would leave empty. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    item instanceof Map ? { entries: [...item] } : item instanceof Uint8Array ? `bytes ${item.length}` : item
  )

export const makeGround: Effect.Effect<Ground> = Effect.gen(function* () {
  const tables: Array<Effect.Effect<unknown>> = []
  const layerTables = Layer.effect(
    MemoryTables,
    Effect.map(MemoryTables, (real) => ({
      ...real,
      table: <A>(initial: A) => Effect.tap(real.table(initial), (ref) => Effect.sync(() => tables.push(Ref.get(ref))))
    }))
  ).pipe(Layer.provide(MemoryTables.layer))
  const stores = Layer.mergeAll(
    Transaction.layerMemory,
    JobStore.layerMemory,
    LedgerStore.layerMemory,
    Budgets.layerMemory,
    UnknownOutcomes.layerMemory,
    ActivityLog.layerMemory,
    AssetStore.layerMemory,
    DailyJobs.layerMemory,
    IdempotencyStore.layerMemory
  ).pipe(Layer.provide(layerTables))
  const lasting = yield* Effect.scoped(
    Layer.build(
      Layer.mergeAll(
        stores,
        BlobStore.layerMemory,
        ResultSpool.layerMemory,
        Ids.layerSequential,
        CreditPolicy.layerDefault,
        MediaOrigin.layerEmbedded
      )
    )
  )
  const logs: Array<string> = []
  const logger = Logger.make(({ message, annotations, cause }) => {
    logs.push(`${textOf(message)} ${textOf([...annotations])} ${String(cause)}`)
  })
  return {
    lasting,
    dump: Effect.map(Effect.all(tables), textOf),
    logs,
    layerLogs: Logger.replace(Logger.defaultLogger, logger)
  }
})

/** A quick stand-in for SHA-256 that needs no other thread: 32 bytes that differ where their input does. */
export const digestOfSimulator = Context.make(Digest, {
  sha256: (bytes) =>
    Effect.sync(() => {
      let low = 0x811c9dc5
      let high = 0x9e3779b9
      for (const byte of bytes) {
        low = Math.imul(low ^ byte, 0x01000193)
        high = Math.imul(high ^ low, 0x85ebca6b) ^ (high >>> 13)
      }
      const view = new DataView(new ArrayBuffer(32))
      for (let word = 0; word < 8; word += 1) view.setInt32(word * 4, Math.imul(word % 2 === 0 ? low : high, word + 1))
      return view.buffer
    })
})
