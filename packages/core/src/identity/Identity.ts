import { Context, Effect, Layer, type Redacted } from "effect"
import type { ActorRef } from "../kernel/Envelope.ts"
import { type Failure, fail } from "../kernel/Errors.ts"
import { AgentId, OrganizationId } from "../kernel/Ids.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"

/** What a token may do. Checked per endpoint. */
export const grants = [
  "create",
  "edit",
  "upload",
  "assets",
  "jobs",
  "activity",
  "quota",
  "feedback",
  "credits"
] as const
export type Grant = (typeof grants)[number]

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
  dailyJobs: null
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
}

/** Fails unless the actor has the grant. */
export const requireGrant = (actor: Actor, grant: Grant): Effect.Effect<void, Failure<"CAPABILITY_DENIED">> =>
  actor.grants.includes(grant)
    ? Effect.void
    : fail("CAPABILITY_DENIED", `This token lacks the grant "${grant}"; it has ${actor.grants.join(", ")}`, {
        details: { grant, grants: [...actor.grants] },
        recovery: { suggested_command: "image-skill whoami --json" }
      })
