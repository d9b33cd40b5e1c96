import { Context, Effect, Layer, Option, Redacted } from "effect"
import type { ActorRef } from "../kernel/Envelope.ts"
import { type Failure, fail, failure } from "../kernel/Errors.ts"
import { AgentId, OrganizationId } from "../kernel/Ids.ts"
import { isoOf } from "../kernel/Time.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"
import { hashOf, tokenPrefix } from "./Agent.ts"
import { AgentStore, type Holder } from "./AgentStore.ts"
import { type Grant, grants, grantsOf } from "./Grants.ts"
import { HousePolicy } from "./HousePolicy.ts"
import { tokenRevoked } from "./Tokens.ts"

/** Who calls, and what they may do. */
export interface Actor {
  readonly ref: ActorRef
  readonly grants: ReadonlyArray<Grant>
  readonly tokenClass: "restricted" | "local_owner"
  /** ISO time; null for the local owner, who has no token. */
  readonly tokenCreatedAt: string | null
  /** An unmetered organization spends without a balance; the spend is recorded. */
  readonly metered: boolean
  /** Creates and edits a day; null for no cap. */
  readonly dailyJobs: number | null
  /** A harness (contact at `example.invalid`) exists to try the house: once a live rail is configured the fake rail serves it alone. */
  readonly isHarness: boolean
}

export const organizationOf = (actor: Actor): OrganizationId => actor.ref.organization_id

/** The owner of the machine that runs embedded mode. */
export const localOwner: Actor = {
  ref: {
    actor_type: "local_owner",
    actor_id: AgentId.make("agt_local"),
    organization_id: OrganizationId.make("org_local"),
    claim_state: "claimed"
  },
  grants,
  tokenClass: "local_owner",
  tokenCreatedAt: null,
  metered: false,
  dailyJobs: null,
  isHarness: false
}

export type AuthFailure = Failure<"AUTH_REQUIRED" | "TOKEN_INVALID" | "TOKEN_REVOKED">

/** Says who a request's bearer token belongs to. */
export class Identity extends Context.Tag("@image-skill/core/Identity")<
  Identity,
  {
    readonly authenticate: (
      token: Redacted.Redacted<string> | null
    ) => Effect.Effect<Actor, AuthFailure | StorageUnavailable>
  }
>() {
  /** Embedded mode: every call is the local owner's. */
  static readonly layerLocalOwner = Layer.succeed(this, { authenticate: () => Effect.succeed(localOwner) })

  /** By the tokens in the store, looked up at each call: a token that is revoked is refused from then on. */
  static readonly layerTokens = Layer.effect(
    this,
    Effect.gen(function* () {
      const agents = yield* AgentStore
      const policy = yield* HousePolicy
      return {
        authenticate: (token) =>
          token === null
            ? Effect.fail(authRequired)
            : Effect.map(holderOf(agents, token), (holder) => actorOf(holder, policy.dailyJobs))
      }
    })
  )
}

const signupCommand = { recovery: { suggested_command: "image-skill signup --agent --save --json" } }

const authRequired = failure(
  "AUTH_REQUIRED",
  `This needs an agent's token: send "authorization: Bearer ${tokenPrefix}…". Signing up gives one`,
  signupCommand
)

const tokenInvalid = failure(
  "TOKEN_INVALID",
  `The token is not known here; this house's tokens begin with ${tokenPrefix}. Another server may have given it`,
  signupCommand
)

/** Whose token it is. Fails for one that is not known, or no longer in force. */
export const holderOf = (
  agents: Context.Tag.Service<AgentStore>,
  token: Redacted.Redacted<string>
): Effect.Effect<Holder, Failure<"TOKEN_INVALID" | "TOKEN_REVOKED"> | StorageUnavailable> =>
  Effect.gen(function* () {
    if (!Redacted.value(token).startsWith(tokenPrefix)) return yield* Effect.fail(tokenInvalid)
    const found = yield* agents.findByTokenHash(yield* hashOf(token))
    if (Option.isNone(found)) return yield* Effect.fail(tokenInvalid)
    const isInForce = found.value.token.revokedAt === null && found.value.agent.claimState !== "revoked"
    return isInForce ? found.value : yield* tokenRevoked
  })

/** The actor that the holder of a token is. */
export const actorOf = ({ agent, token }: Holder, dailyJobs: number | null): Actor => ({
  ref: {
    actor_type: "agent",
    actor_id: agent.id,
    organization_id: agent.organizationId,
    claim_state: agent.claimState
  },
  grants: grantsOf(agent.grants),
  tokenClass: token.class,
  tokenCreatedAt: isoOf(token.createdAt),
  metered: true,
  dailyJobs,
  isHarness: agent.isHarness
})

/** Fails unless the actor has the grant. Null asks for none: whoever has a token in force may. */
export const requireGrant = (actor: Actor, grant: Grant | null): Effect.Effect<void, Failure<"CAPABILITY_DENIED">> =>
  grant === null || actor.grants.includes(grant)
    ? Effect.void
    : fail(
        "CAPABILITY_DENIED",
        `This token lacks the grant "${grant}"; it has ${actor.grants.join(", ")}. Nothing that the agent does changes that: the operator of this house gives grants, from the next call on`,
        {
          details: { grant, grants: [...actor.grants], operator_command: granting(actor, grant) },
          recovery: { suggested_command: "image-skill whoami --json" }
        }
      )

/** What the operator runs to give one more, with a reason. */
const granting = ({ grants: had, ref }: Actor, more: Grant): string =>
  `image-skill admin agents grants ${ref.actor_id} --grants ${grantsOf([...had, more]).join(",")} --reason REASON --json`
