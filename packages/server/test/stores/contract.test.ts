import { activityLogSuite } from "@image-skill/core/testing/suites/ActivityLogSuite"
import { assetStoreSuite } from "@image-skill/core/testing/suites/AssetStoreSuite"
import { blobStoreSuite } from "@image-skill/core/testing/suites/BlobStoreSuite"
import { dailyJobsSuite } from "@image-skill/core/testing/suites/DailyJobsSuite"
import { idempotencyStoreSuite } from "@image-skill/core/testing/suites/IdempotencyStoreSuite"
import { jobStoreSuite } from "@image-skill/core/testing/suites/JobStoreSuite"
import { ledgerStoreSuite } from "@image-skill/core/testing/suites/LedgerStoreSuite"
import { resultSpoolSuite } from "@image-skill/core/testing/suites/ResultSpoolSuite"
import { runRegistrySuite } from "@image-skill/core/testing/suites/RunRegistrySuite"
import { transactionSuite } from "@image-skill/core/testing/suites/TransactionSuite"
import { layerTemporary } from "./temporary.ts"

transactionSuite("disk", layerTemporary)
jobStoreSuite("disk", layerTemporary)
ledgerStoreSuite("disk", layerTemporary)
activityLogSuite("disk", layerTemporary)
assetStoreSuite("disk", layerTemporary)
dailyJobsSuite("disk", layerTemporary)
idempotencyStoreSuite("disk", layerTemporary)
blobStoreSuite("disk", layerTemporary)
resultSpoolSuite("disk", layerTemporary)
runRegistrySuite("disk", layerTemporary)
