import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { jobStoreSuite } from "../../src/testing/suites/JobStoreSuite.ts"

jobStoreSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
