import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import type { Agent } from "../../src/identity/Agent.ts"
import { AgentStore } from "../../src/identity/AgentStore.ts"
import { defaultPolicy, HousePolicy } from "../../src/identity/HousePolicy.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { Tokens } from "../../src/identity/Tokens.ts"
import { AgentId, Ids, OrganizationId } from "../../src/kernel/Ids.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"

const layer = Layer.mergeAll(Identity.layerTokens, Tokens.Default).pipe(
  Layer.provideMerge(layerMemoryStores),
  Layer.provide(Layer.merge(Ids.layer, HousePolicy.layer(defaultPolicy)))
)

const agent: Agent = {
  id: AgentId.make("agt_one"),
  organizationId: OrganizationId.make("org_one"),
  name: null,
  runtime: null,
  contact: Redacted.make("agent-ops@example.com"),
  isHarness: true,
  claimState: "unclaimed",
  grants: null,
  createdAt: 0
}

describe("a token", () => {
  it.effect("is its agent's as the agent is now, and nobody's once the agent is revoked", () =>
    Effect.gen(function* () {
      const [agents, identity, tokens] = [yield* AgentStore, yield* Identity, yield* Tokens]
      const { secret, token } = yield* tokens.issue(agent.id)
      yield* agents.insert(agent, token)
      const actor = yield* identity.authenticate(secret)
      assert.deepInclude(actor, { metered: true, dailyJobs: 50, isHarness: true, tokenClass: "restricted" })
      assert.strictEqual(actor.ref.organization_id, agent.organizationId)
      yield* agents.setClaimState(agent.id, "claimed")
      assert.strictEqual((yield* identity.authenticate(secret)).ref.claim_state, "claimed")
      yield* agents.setClaimState(agent.id, "revoked")
      assert.strictEqual((yield* Effect.flip(identity.authenticate(secret))).code, "TOKEN_REVOKED")
    }).pipe(Effect.provide(layer))
  )

  it.effect("prints nothing of itself or of the contact", () =>
    Effect.gen(function* () {
      const issued = yield* (yield* Tokens).issue(agent.id)
      const printed = JSON.stringify([issued, agent])
      assert.notInclude(printed, Redacted.value(issued.secret))
      assert.notInclude(printed, "agent-ops")
    }).pipe(Effect.provide(layer))
  )
})
