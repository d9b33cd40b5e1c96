import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer, Option, Redacted } from "effect"
import type { Agent, Token } from "../../identity/Agent.ts"
import { SecretHash } from "../../identity/Agent.ts"
import { AgentStore } from "../../identity/AgentStore.ts"
import { AgentId, OrganizationId } from "../../kernel/Ids.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { allPages } from "./allPages.ts"
import { numbers } from "./samples.ts"

const hash = (name: number) => SecretHash.make(name.toString(16).padStart(64, "0"))

export const sampleAgent = (name: string | number, changes: Partial<Agent> = {}): Agent => ({
  id: AgentId.make(`agt_${name}`),
  organizationId: OrganizationId.make(`org_${name}`),
  name: "creative “agent” 🎨",
  runtime: null,
  contact: Redacted.make("agent-ops@example.com"),
  isHarness: false,
  claimState: "unclaimed",
  grants: null,
  createdAt: 1_000,
  ...changes
})

export const sampleToken = (agent: Agent, name: number, createdAt = 1_000): Token => ({
  hash: hash(name),
  agentId: agent.id,
  class: "restricted",
  createdAt,
  revokedAt: null
})

/** What every `AgentStore` promises. */
export const agentStoreSuite = <E>(name: string, layer: Layer.Layer<AgentStore | Transaction, E>) =>
  describe(`AgentStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, AgentStore | Transaction>) => Effect.provide(effect, layer)
    const revokedAt = (of: number) =>
      Effect.flatMap(AgentStore, (agents) =>
        Effect.map(agents.findByTokenHash(hash(of)), (found) =>
          Option.getOrThrow(Option.map(found, ({ token }) => token.revokedAt))
        )
      )

    it.effect("gives the agent that a token belongs to, whole, and nobody for another hash", () =>
      run(
        Effect.gen(function* () {
          const agents = yield* AgentStore
          const one = sampleAgent("one")
          const two = sampleAgent("two", {
            name: null,
            runtime: "codex",
            contact: null,
            isHarness: true,
            grants: ["jobs"]
          })
          yield* agents.insert(one, sampleToken(one, 1))
          yield* agents.insert(two, sampleToken(two, 2))
          assertSome(yield* agents.findByTokenHash(hash(1)), { agent: one, token: sampleToken(one, 1) })
          assertSome(yield* agents.findByTokenHash(hash(2)), { agent: two, token: sampleToken(two, 2) })
          assertNone(yield* agents.findByTokenHash(hash(3)))
          assertSome(yield* agents.get(two.id), two)
          assertNone(yield* agents.get(AgentId.make("agt_none")))
        })
      )
    )

    it.effect("has no agent whose transaction failed", () =>
      run(
        Effect.gen(function* () {
          const agents = yield* AgentStore
          const agent = sampleAgent("one")
          const failed = Effect.zipRight(agents.insert(agent, sampleToken(agent, 1)), Effect.fail("no"))
          yield* Effect.exit((yield* Transaction).run(failed))
          assertNone(yield* agents.get(agent.id))
          assertNone(yield* agents.findByTokenHash(hash(1)))
          yield* agents.insert(agent, sampleToken(agent, 1))
        })
      )
    )

    it.effect("rotates for one of several who hold the same token, and tells the old one as revoked", () =>
      run(
        Effect.gen(function* () {
          const agents = yield* AgentStore
          const agent = sampleAgent("one")
          const other = sampleAgent("two")
          yield* agents.insert(agent, sampleToken(agent, 1))
          yield* agents.insert(other, sampleToken(other, 90))
          const won = yield* Effect.forEach(
            numbers(8),
            (one) => agents.rotate(hash(1), sampleToken(agent, 10 + one, 2_000)),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(won.filter((one) => one).length, 1)
          const next = 11 + won.indexOf(true)
          assert.strictEqual(yield* revokedAt(1), 2_000)
          assert.isNull(yield* revokedAt(next))
          for (const lost of numbers(8).filter((one) => 10 + one !== next))
            assertNone(yield* agents.findByTokenHash(hash(10 + lost)))
          assert.isFalse(yield* agents.rotate(hash(90), sampleToken(agent, 30)))
          assert.isNull(yield* revokedAt(90))
        })
      )
    )

    it.effect("rotates for the operator without the token, also after a revocation", () =>
      run(
        Effect.gen(function* () {
          const agents = yield* AgentStore
          const agent = sampleAgent("one")
          yield* agents.insert(agent, sampleToken(agent, 1))
          assert.isTrue(yield* agents.rotate(null, sampleToken(agent, 2, 2_000)))
          assert.strictEqual(yield* revokedAt(1), 2_000)
          assert.isTrue(yield* agents.revoke(agent.id, 3_000))
          assert.isFalse(yield* agents.revoke(agent.id, 4_000))
          assert.strictEqual(yield* revokedAt(2), 3_000)
          assert.isFalse(yield* agents.rotate(hash(2), sampleToken(agent, 3)))
          assert.isTrue(yield* agents.rotate(null, sampleToken(agent, 3)))
          assert.isNull(yield* revokedAt(3))
        })
      )
    )

    it.effect("changes the grants of one agent, unless the transaction fails", () =>
      run(
        Effect.gen(function* () {
          const agents = yield* AgentStore
          const [one, two] = [sampleAgent("one"), sampleAgent("two")]
          yield* agents.insert(one, sampleToken(one, 1))
          yield* agents.insert(two, sampleToken(two, 2))
          assert.isTrue(yield* agents.setGrants(one.id, ["create", "jobs"]))
          assert.isFalse(yield* agents.setGrants(AgentId.make("agt_none"), null))
          yield* Effect.exit((yield* Transaction).run(Effect.zipRight(agents.setGrants(two.id, []), Effect.fail("no"))))
          assertSome(yield* agents.findByTokenHash(hash(1)), {
            agent: { ...one, grants: ["create", "jobs"] },
            token: sampleToken(one, 1)
          })
          assertSome(yield* agents.get(two.id), two)
          assert.isTrue(yield* agents.setGrants(one.id, null))
          assertSome(yield* agents.get(one.id), one)
        })
      )
    )

    it.effect("changes the claim state of one agent, and lists all, the newest first", () =>
      run(
        Effect.gen(function* () {
          const agents = yield* AgentStore
          for (const one of numbers(5)) yield* agents.insert(sampleAgent(one), sampleToken(sampleAgent(one), one))
          assert.isTrue(yield* agents.setClaimState(AgentId.make("agt_2"), "claimed"))
          assert.isFalse(yield* agents.setClaimState(AgentId.make("agt_9"), "claimed"))
          yield* agents.backByPayment(sampleAgent(2).organizationId)
          yield* agents.backByPayment(sampleAgent(4).organizationId)
          const listed = yield* allPages(2, agents.list)
          assert.deepStrictEqual(
            listed.map((agent) => [agent.id, agent.claimState]),
            [5, 4, 3, 2, 1].map((one) => [
              `agt_${one}`,
              one === 2 ? "claimed" : one === 4 ? "payment_backed_unclaimed" : "unclaimed"
            ])
          )
        })
      )
    )
  })
