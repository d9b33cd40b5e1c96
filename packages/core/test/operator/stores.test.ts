import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { budgetsSuite } from "../../src/testing/suites/BudgetsSuite.ts"
import { operatorLogSuite } from "../../src/testing/suites/OperatorLogSuite.ts"
import { unknownOutcomesSuite } from "../../src/testing/suites/UnknownOutcomesSuite.ts"

const layer = Layer.provide(layerMemoryStores, Ids.layer)

budgetsSuite("memory", layer)
unknownOutcomesSuite("memory", layer)
operatorLogSuite("memory", layer)
