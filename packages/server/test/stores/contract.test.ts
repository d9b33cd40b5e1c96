import { activityLogSuite } from "@image-skill/core/testing/suites/ActivityLogSuite"
import { agentStoreSuite } from "@image-skill/core/testing/suites/AgentStoreSuite"
import { assetStoreSuite } from "@image-skill/core/testing/suites/AssetStoreSuite"
import { blobStoreSuite } from "@image-skill/core/testing/suites/BlobStoreSuite"
import { dailyJobsSuite } from "@image-skill/core/testing/suites/DailyJobsSuite"
import { feedbackStoreSuite } from "@image-skill/core/testing/suites/FeedbackStoreSuite"
import { freeCreditsSuite } from "@image-skill/core/testing/suites/FreeCreditsSuite"
import { idempotencyStoreSuite } from "@image-skill/core/testing/suites/IdempotencyStoreSuite"
import { inviteStoreSuite } from "@image-skill/core/testing/suites/InviteStoreSuite"
import { jobStoreSuite } from "@image-skill/core/testing/suites/JobStoreSuite"
import { ledgerStoreSuite } from "@image-skill/core/testing/suites/LedgerStoreSuite"
import { paymentStoreSuite } from "@image-skill/core/testing/suites/PaymentStoreSuite"
import { resultSpoolSuite } from "@image-skill/core/testing/suites/ResultSpoolSuite"
import { runRegistrySuite } from "@image-skill/core/testing/suites/RunRegistrySuite"
import { transactionSuite } from "@image-skill/core/testing/suites/TransactionSuite"
import { layerTemporary } from "./temporary.ts"

transactionSuite("disk", layerTemporary)
jobStoreSuite("disk", layerTemporary)
ledgerStoreSuite("disk", layerTemporary)
paymentStoreSuite("disk", layerTemporary)
activityLogSuite("disk", layerTemporary)
assetStoreSuite("disk", layerTemporary)
dailyJobsSuite("disk", layerTemporary)
agentStoreSuite("disk", layerTemporary)
inviteStoreSuite("disk", layerTemporary)
feedbackStoreSuite("disk", layerTemporary)
freeCreditsSuite("disk", layerTemporary)
idempotencyStoreSuite("disk", layerTemporary)
blobStoreSuite("disk", layerTemporary)
resultSpoolSuite("disk", layerTemporary)
runRegistrySuite("disk", layerTemporary)
