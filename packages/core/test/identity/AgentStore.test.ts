import { Layer } from "effect"
import { Ids } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { agentStoreSuite } from "../../src/testing/suites/AgentStoreSuite.ts"
import { freeCreditsSuite } from "../../src/testing/suites/FreeCreditsSuite.ts"
import { inviteStoreSuite } from "../../src/testing/suites/InviteStoreSuite.ts"

const layer = Layer.provide(layerMemoryStores, Ids.layer)

agentStoreSuite("memory", layer)
inviteStoreSuite("memory", layer)
freeCreditsSuite("memory", layer)
