import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { assetStoreSuite } from "../../src/testing/suites/AssetStoreSuite.ts"

assetStoreSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
