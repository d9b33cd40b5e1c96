import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { ledgerStoreSuite } from "../../src/testing/suites/LedgerStoreSuite.ts"

ledgerStoreSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
