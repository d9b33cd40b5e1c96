import { Layer } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { ResultSpool } from "../assets/ResultSpool.ts"
import { FeedbackStore } from "../feedback/FeedbackStore.ts"
import { AgentStore } from "../identity/AgentStore.ts"
import { FreeCredits } from "../identity/FreeCredits.ts"
import { InviteStore } from "../identity/InviteStore.ts"
import { DailyJobs } from "../identity/Quota.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { RunRegistry } from "../jobs/RunRegistry.ts"
import { IdempotencyStore } from "../kernel/Idempotency.ts"
import { MemoryTables, Transaction } from "../kernel/Transaction.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"
import { PaymentStore } from "../ledger/PaymentStore.ts"
import { UnknownOutcomes } from "../ledger/UnknownOutcomes.ts"
import { OperatorLog } from "../operator/OperatorLog.ts"

/** Every port of storage, in memory, under one set of transactions. Nothing outlives the layer. */
export const layerMemoryStores = Layer.mergeAll(
  Transaction.layerMemory,
  JobStore.layerMemory,
  LedgerStore.layerMemory,
  PaymentStore.layerMemory,
  Budgets.layerMemory,
  UnknownOutcomes.layerMemory,
  OperatorLog.layerMemory,
  ActivityLog.layerMemory,
  AssetStore.layerMemory,
  DailyJobs.layerMemory,
  AgentStore.layerMemory,
  InviteStore.layerMemory,
  FreeCredits.layerMemory,
  IdempotencyStore.layerMemory,
  FeedbackStore.layerMemory,
  BlobStore.layerMemory,
  ResultSpool.layerMemory,
  RunRegistry.layerMemory
).pipe(Layer.provide(MemoryTables.layer))
