import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { feedbackStoreSuite } from "../../src/testing/suites/FeedbackStoreSuite.ts"

feedbackStoreSuite("memory", Layer.provide(layerMemoryStores, Ids.layer))
