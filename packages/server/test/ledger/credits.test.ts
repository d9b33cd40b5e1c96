import { Ids } from "@image-skill/core/kernel/Ids"
import { creditsSuite } from "@image-skill/core/testing/suites/CreditsSuite"
import { Layer } from "effect"
import { layerTemporary } from "../stores/temporary.ts"

creditsSuite("disk", Layer.provideMerge(layerTemporary, Ids.layer))
