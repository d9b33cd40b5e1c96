import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer } from "effect"
import * as SqlActivityLog from "./activity/SqlActivityLog.ts"
import * as FileBlobStore from "./assets/FileBlobStore.ts"
import * as FileResultSpool from "./assets/FileResultSpool.ts"
import * as NativeHashes from "./assets/NativeHashes.ts"
import * as PageMemory from "./assets/PageMemory.ts"
import * as SpoolSweep from "./assets/SpoolSweep.ts"
import * as SqlAssetStore from "./assets/SqlAssetStore.ts"
import * as SqlFeedbackStore from "./feedback/SqlFeedbackStore.ts"
import * as SqlAgentStore from "./identity/SqlAgentStore.ts"
import * as SqlDailyJobs from "./identity/SqlDailyJobs.ts"
import * as SqlFreeCredits from "./identity/SqlFreeCredits.ts"
import * as SqlInviteStore from "./identity/SqlInviteStore.ts"
import { inTurn } from "./inTurn.ts"
import * as FileRunRegistry from "./jobs/FileRunRegistry.ts"
import * as SqlIdempotencyStore from "./jobs/SqlIdempotencyStore.ts"
import * as SqlJobStore from "./jobs/SqlJobStore.ts"
import * as SqlBudgets from "./ledger/SqlBudgets.ts"
import * as SqlLedgerStore from "./ledger/SqlLedgerStore.ts"
import * as SqlPaymentStore from "./ledger/SqlPaymentStore.ts"
import * as SqlUnknownOutcomes from "./ledger/SqlUnknownOutcomes.ts"
import * as SqlOperatorLog from "./operator/SqlOperatorLog.ts"
import * as LibsqlClient from "./sql/LibsqlClient.ts"
import * as SqlTransaction from "./sql/SqlTransaction.ts"

/** Where the parts of a data directory lie. */
export const dataPaths = (dataDirectory: string) => ({
  database: join(dataDirectory, "image-skill.db"),
  blobs: join(dataDirectory, "blobs"),
  spool: join(dataDirectory, "spool"),
  runs: join(dataDirectory, "runs")
})

/** The SQL stores: on any client, with any transactions. */
export const layerSqlStores = inTurn
  .and(SqlJobStore.layer)
  .and(SqlLedgerStore.layer)
  .and(SqlPaymentStore.layer)
  .and(SqlBudgets.layer)
  .and(SqlUnknownOutcomes.layer)
  .and(SqlOperatorLog.layer)
  .and(SqlActivityLog.layer)
  .and(SqlAssetStore.layer)
  .and(SqlDailyJobs.layer)
  .and(SqlAgentStore.layer)
  .and(SqlInviteStore.layer)
  .and(SqlFreeCredits.layer)
  .and(SqlIdempotencyStore.layer)
  .and(SqlFeedbackStore.layer).layer

/**
 * Every port of storage, on one data directory: a database file, blobs, spooled replies, and the locks of the runs
 * that use it. Nothing on the disk is touched before the first call; a failure of it is `STORAGE_UNAVAILABLE`, and the
 * next call tries again. Several processes of one machine may share the directory.
 */
export const layerStorage = (dataDirectory: string, blobDirectory?: string) => {
  const paths = dataPaths(dataDirectory)
  const client = Layer.unwrapEffect(
    Effect.map(FileRunRegistry.RunLock, ({ hold }) => LibsqlClient.layer({ file: paths.database, beforeOpen: hold }))
  )
  return inTurn
    .and(NodeFileSystem.layer)
    .and(FileRunRegistry.layerLock(paths.runs))
    .and(client)
    .and(SqlTransaction.layer)
    .and(layerSqlStores)
    .and(FileBlobStore.layer(blobDirectory ?? paths.blobs))
    .and(FileResultSpool.layer(paths.spool))
    .and(SpoolSweep.layer(paths.spool))
    .and(FileRunRegistry.layer)
    .and(NativeHashes.layer)
    .and(PageMemory.layer).layer
}
