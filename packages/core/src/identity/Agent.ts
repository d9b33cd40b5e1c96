import { Effect, Redacted, Schema } from "effect"
import { ClaimState } from "../kernel/Envelope.ts"
import { AgentId, OrganizationId } from "../kernel/Ids.ts"
import { sha256 } from "../kernel/Sha256.ts"
import { GivenGrants } from "./Grants.ts"

/** One who may call, in an organization of its own. Names and contacts are guessable: they prove nothing. */
export const Agent = Schema.Struct({
  id: AgentId,
  organizationId: OrganizationId,
  name: Schema.NullOr(Schema.String),
  /** What it runs in, in its own words: `codex`. */
  runtime: Schema.NullOr(Schema.String),
  /** Who answers for it. Read by the operator alone. */
  contact: Schema.NullOr(Schema.Redacted(Schema.String)),
  isHarness: Schema.Boolean,
  claimState: ClaimState,
  /** Of the agent and not of its token, so that no rotation widens them. */
  grants: GivenGrants,
  /** Epoch milliseconds. */
  createdAt: Schema.Int
})
export type Agent = typeof Agent.Type

/** Lower-case hex SHA-256 of a token or a code: all that the house keeps of either. */
export const SecretHash = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/), Schema.brand("SecretHash"))
export type SecretHash = typeof SecretHash.Type

/** An agent has one token in force; the others are revoked. */
export const Token = Schema.Struct({
  hash: SecretHash,
  agentId: AgentId,
  class: Schema.Literal("restricted"),
  /** Epoch milliseconds. */
  createdAt: Schema.Int,
  revokedAt: Schema.NullOr(Schema.Int)
})
export type Token = typeof Token.Type

/** A token begins with it, so that scanners and people know one when they see it. */
export const tokenPrefix = "isk_r_"

const encoder = new TextEncoder()

/** The hash under which a secret is known. The server's limit on headers and fields bounds what is hashed. */
export const hashOf = (secret: Redacted.Redacted<string>): Effect.Effect<SecretHash> =>
  Effect.map(sha256(encoder.encode(Redacted.value(secret))), (hash) => SecretHash.make(hash))

const harnessDomain = /@(?:[^@]+\.)?example\.invalid\.?$/i

/** Whether a contact is of a test harness: `example.invalid` reaches nobody, by RFC 2606. */
export const isHarnessContact = (contact: string): boolean => harnessDomain.test(contact)
