import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { blobStoreSuite } from "../../src/testing/suites/BlobStoreSuite.ts"

blobStoreSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
