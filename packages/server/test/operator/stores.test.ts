import { budgetsSuite } from "@image-skill/core/testing/suites/BudgetsSuite"
import { operatorLogSuite } from "@image-skill/core/testing/suites/OperatorLogSuite"
import { unknownOutcomesSuite } from "@image-skill/core/testing/suites/UnknownOutcomesSuite"
import { layerTemporary } from "../stores/temporary.ts"

budgetsSuite("disk", layerTemporary)
unknownOutcomesSuite("disk", layerTemporary)
operatorLogSuite("disk", layerTemporary)
