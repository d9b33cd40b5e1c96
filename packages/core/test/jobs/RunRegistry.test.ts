import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { runRegistrySuite } from "../../src/testing/suites/RunRegistrySuite.ts"

runRegistrySuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
