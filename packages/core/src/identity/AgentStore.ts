import { Context, Effect, Layer, Option, Ref } from "effect"
import type { ClaimState } from "../kernel/Envelope.ts"
import type { AgentId, OrganizationId } from "../kernel/Ids.ts"
import { type Page, type PageQuery, pageOf } from "../kernel/Page.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"
import type { Agent, SecretHash, Token } from "./Agent.ts"
import type { GivenGrants } from "./Grants.ts"

/** A token and whose it is, also when it is revoked. */
export interface Holder {
  readonly agent: Agent
  readonly token: Token
}

/** Agents, their organizations and their tokens. Across organizations: for authentication and for the operator. */
export class AgentStore extends Context.Tag("@image-skill/core/AgentStore")<
  AgentStore,
  {
    /** A new agent in a new organization, and its token. Joins the open transaction. */
    readonly insert: (agent: Agent, token: Token) => Effect.Effect<void, StorageUnavailable>
    readonly findByTokenHash: (hash: SecretHash) => Effect.Effect<Option.Option<Holder>, StorageUnavailable>
    /**
     * Revokes the agent's token in force and puts the next into force. False, and nothing is changed, when `current` is
     * given and is not the one in force: of two that rotate at a time, one wins. Joins the open transaction.
     */
    readonly rotate: (current: SecretHash | null, next: Token) => Effect.Effect<boolean, StorageUnavailable>
    /** Revokes the token in force. False when there was none. `at` in epoch milliseconds. */
    readonly revoke: (id: AgentId, at: number) => Effect.Effect<boolean, StorageUnavailable>
    readonly get: (id: AgentId) => Effect.Effect<Option.Option<Agent>, StorageUnavailable>
    readonly hasOrganization: (id: OrganizationId) => Effect.Effect<boolean, StorageUnavailable>
    /** The newest first. */
    readonly list: (query: PageQuery) => Effect.Effect<Page<Agent>, StorageUnavailable>
    /**
     * Money stands behind an organization: its agents that are `unclaimed` are `payment_backed_unclaimed`, and no others
     * are changed. Joins the open transaction.
     */
    readonly backByPayment: (organization: OrganizationId) => Effect.Effect<void, StorageUnavailable>
    /** False when there is no such agent. */
    readonly setClaimState: (id: AgentId, state: ClaimState) => Effect.Effect<boolean, StorageUnavailable>
    /** In force from the next call on. False when there is no such agent. Joins the open transaction. */
    readonly setGrants: (id: AgentId, grants: GivenGrants) => Effect.Effect<boolean, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      // A map keeps the order in which its keys came.
      const agents = yield* tables.table<ReadonlyMap<AgentId, Agent>>(new Map())
      const tokens = yield* tables.table<ReadonlyMap<SecretHash, Token>>(new Map())

      const inForce = (id: AgentId) =>
        Effect.map(Ref.get(tokens), (all) =>
          [...all.values()].find((token) => token.agentId === id && token.revokedAt === null)
        )
      const change = (id: AgentId, changes: Partial<Agent>) =>
        tables.transact(
          Ref.modify(agents, (all) => {
            const agent = all.get(id)
            return agent === undefined ? [false, all] : [true, new Map(all).set(id, { ...agent, ...changes })]
          })
        )
      const put = (token: Token) => Ref.update(tokens, (all) => new Map(all).set(token.hash, token))

      return {
        insert: (agent, token) =>
          tables.transact(
            Effect.zipRight(
              Ref.update(agents, (all) => new Map(all).set(agent.id, agent)),
              put(token)
            )
          ),
        findByTokenHash: (hash) =>
          Effect.gen(function* () {
            const token = (yield* Ref.get(tokens)).get(hash)
            const agent = token === undefined ? undefined : (yield* Ref.get(agents)).get(token.agentId)
            return token === undefined || agent === undefined ? Option.none() : Option.some({ agent, token })
          }),
        rotate: (current, next) =>
          tables.transact(
            Effect.gen(function* () {
              const old = yield* inForce(next.agentId)
              if (current !== null && old?.hash !== current) return false
              if (old !== undefined) yield* put({ ...old, revokedAt: next.createdAt })
              yield* put(next)
              return true
            })
          ),
        revoke: (id, at) =>
          tables.transact(
            Effect.flatMap(inForce(id), (old) =>
              old === undefined ? Effect.succeed(false) : Effect.as(put({ ...old, revokedAt: at }), true)
            )
          ),
        get: (id) => Effect.map(Ref.get(agents), (all) => Option.fromNullable(all.get(id))),
        hasOrganization: (id) =>
          Effect.map(Ref.get(agents), (all) => [...all.values()].some(({ organizationId }) => organizationId === id)),
        list: (query) =>
          Effect.map(Ref.get(agents), (all) =>
            pageOf(
              [...all.values()].map((agent, index) => ({ agent, sequence: index + 1 })).reverse(),
              query,
              ({ agent }) => agent,
              ({ sequence }) => sequence
            )
          ),
        backByPayment: (organization) =>
          tables.transact(
            Ref.update(
              agents,
              (all) =>
                new Map(
                  [...all].map(([id, agent]) => [
                    id,
                    agent.organizationId === organization && agent.claimState === "unclaimed"
                      ? { ...agent, claimState: "payment_backed_unclaimed" }
                      : agent
                  ])
                )
            )
          ),
        setClaimState: (id, claimState) => change(id, { claimState }),
        setGrants: (id, grants) => change(id, { grants })
      }
    })
  )
}
