import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { activityLogSuite } from "../../src/testing/suites/ActivityLogSuite.ts"

activityLogSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
