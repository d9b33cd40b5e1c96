import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { idempotencyStoreSuite } from "../../src/testing/suites/IdempotencyStoreSuite.ts"

idempotencyStoreSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
