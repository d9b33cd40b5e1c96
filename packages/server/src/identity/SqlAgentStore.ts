import * as SqlClient from "@effect/sql/SqlClient"
import { Agent, type SecretHash, Token } from "@image-skill/core/identity/Agent"
import { AgentStore } from "@image-skill/core/identity/AgentStore"
import { AgentId, OrganizationId } from "@image-skill/core/kernel/Ids"
import { type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { Array, Effect, Layer, Schema } from "effect"
import { column, Flag, json, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const AgentRow = Schema.Struct({
  id: AgentId,
  organizationId: column("organization_id", OrganizationId),
  name: Agent.fields.name,
  runtime: Agent.fields.runtime,
  contact: Agent.fields.contact,
  isHarness: column("is_harness", Flag),
  claimState: column("claim_state", Agent.fields.claimState),
  grants: json(Agent.fields.grants),
  createdAt: column("created_at", Schema.Int)
})
const TokenRow = Schema.Struct({
  hash: Token.fields.hash,
  agentId: column("agent_id", AgentId),
  class: Token.fields.class,
  createdAt: column("created_at", Schema.Int),
  revokedAt: column("revoked_at", Schema.NullOr(Schema.Int))
})
const decodeAgents = Schema.decodeUnknown(Schema.Array(AgentRow))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(AgentRow, Sequenced)))
const decodeTokens = Schema.decodeUnknown(Schema.Array(TokenRow))
const encodeGrants = Schema.encode(AgentRow.fields.grants)
const encodeAgent = Schema.encode(AgentRow)
const encodeToken = Schema.encode(TokenRow)

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction

  const put = (token: Token) =>
    Effect.flatMap(encodeToken(token), (row) => sql`INSERT INTO agent_tokens ${sql.insert(row)}`)

  const insert = (agent: Agent, token: Token) =>
    Effect.gen(function* () {
      const organization = { id: agent.organizationId, created_at: agent.createdAt }
      yield* sql`INSERT INTO organizations ${sql.insert(organization)}`
      yield* sql`INSERT INTO agents ${sql.insert(yield* encodeAgent(agent))}`
      yield* put(token)
    })

  const agentOf = (id: AgentId) =>
    Effect.map(Effect.flatMap(sql`SELECT * FROM agents WHERE id = ${id}`, decodeAgents), Array.head)

  const holderOf = (hash: SecretHash) =>
    Effect.gen(function* () {
      const rows = yield* sql`SELECT t.hash, t.agent_id, t.class, t.created_at AS token_created_at, t.revoked_at,
          a.id, a.organization_id, a.name, a.runtime, a.contact, a.is_harness, a.claim_state, a.grants, a.created_at
          FROM agent_tokens t JOIN agents a ON a.id = t.agent_id WHERE t.hash = ${hash}`
      const agents = yield* decodeAgents(rows)
      const tokens = yield* decodeTokens(rows.map((row) => ({ ...row, created_at: row["token_created_at"] })))
      return Array.head(Array.zipWith(agents, tokens, (agent, token) => ({ agent, token })))
    })

  /** One statement decides who of several was first. */
  const end = (id: AgentId, at: number, current: SecretHash | null) =>
    Effect.map(
      sql`UPDATE agent_tokens SET revoked_at = ${at} WHERE agent_id = ${id} AND revoked_at IS NULL
          ${current === null ? sql`` : sql`AND hash = ${current}`} RETURNING hash`,
      (rows) => rows.length > 0
    )

  const rotate = (current: SecretHash | null, next: Token) =>
    Effect.gen(function* () {
      const ended = yield* end(next.agentId, next.createdAt, current)
      if (!ended && current !== null) return false
      yield* put(next)
      return true
    })

  const list = (query: PageQuery) =>
    sql`SELECT * FROM agents WHERE sequence < ${sequenceOf(query.cursor) ?? sequenceMax}
        ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
      Effect.flatMap(decodeListed),
      Effect.map((rows) =>
        pageOf(
          rows,
          query,
          ({ sequence: _, ...agent }) => agent,
          (row) => row.sequence
        )
      )
    )

  return AgentStore.of({
    insert: (agent, token) => transaction.run(orUnavailable(insert(agent, token))),
    findByTokenHash: (hash) => orUnavailable(holderOf(hash)),
    rotate: (current, next) => transaction.run(orUnavailable(rotate(current, next))),
    revoke: (id, at) => orUnavailable(end(id, at, null)),
    get: (id) => orUnavailable(agentOf(id)),
    hasOrganization: (id) =>
      orUnavailable(Effect.map(sql`SELECT id FROM organizations WHERE id = ${id}`, (rows) => rows.length > 0)),
    list: (query) => orUnavailable(list(query)),
    backByPayment: (organization) =>
      sql`UPDATE agents SET claim_state = 'payment_backed_unclaimed'
          WHERE organization_id = ${organization} AND claim_state = 'unclaimed'`.pipe(Effect.asVoid, orUnavailable),
    setClaimState: (id, state) =>
      sql`UPDATE agents SET claim_state = ${state} WHERE id = ${id} RETURNING id`.pipe(
        Effect.map((rows) => rows.length > 0),
        orUnavailable
      ),
    setGrants: (id, grants) =>
      Effect.flatMap(
        encodeGrants(grants),
        (text) => sql`UPDATE agents SET grants = ${text} WHERE id = ${id} RETURNING id`
      ).pipe(
        Effect.map((rows) => rows.length > 0),
        orUnavailable
      )
  })
})

/** Agents and their tokens in SQL. */
export const layer = Layer.effect(AgentStore, make)
