import { Layer } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { ResultSpool } from "../assets/ResultSpool.ts"
import { DailyJobs } from "../identity/Quota.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { RunRegistry } from "../jobs/RunRegistry.ts"
import { IdempotencyStore } from "../kernel/Idempotency.ts"
import { MemoryTables, Transaction } from "../kernel/Transaction.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"

/** Every port of storage, in memory, under one set of transactions. Nothing outlives the layer. */
export const layerMemoryStores = Layer.mergeAll(
  Transaction.layerMemory,
  JobStore.layerMemory,
  LedgerStore.layerMemory,
  ActivityLog.layerMemory,
  AssetStore.layerMemory,
  DailyJobs.layerMemory,
  IdempotencyStore.layerMemory,
  BlobStore.layerMemory,
  ResultSpool.layerMemory,
  RunRegistry.layerMemory
).pipe(Layer.provide(MemoryTables.layer))
