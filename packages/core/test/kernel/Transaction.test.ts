import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { transactionSuite } from "../../src/testing/suites/TransactionSuite.ts"

transactionSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
