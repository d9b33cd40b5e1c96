import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { resultSpoolSuite } from "../../src/testing/suites/ResultSpoolSuite.ts"

resultSpoolSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
