import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { creditsSuite } from "../../src/testing/suites/CreditsSuite.ts"

creditsSuite("memory", Layer.provideMerge(layerMemoryStores, Ids.layer))
