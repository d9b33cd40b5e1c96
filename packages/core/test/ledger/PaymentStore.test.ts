import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { paymentStoreSuite } from "../../src/testing/suites/PaymentStoreSuite.ts"

paymentStoreSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
