import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { dailyJobsSuite } from "../../src/testing/suites/DailyJobsSuite.ts"

dailyJobsSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
