import { Clock, Context, Effect, Layer, Option, Redacted, Ref } from "effect"
import { Call, warn } from "../kernel/Call.ts"
import { type Failure, fail, failure } from "../kernel/Errors.ts"
import { type AgentId, Ids } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { Credits } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"
import { type StorageUnavailable, Transaction } from "../kernel/Transaction.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { type Agent, hashOf, isHarnessContact, type SecretHash } from "./Agent.ts"
import { AgentStore, type Holder } from "./AgentStore.ts"
import { FreeCredits } from "./FreeCredits.ts"
import { HousePolicy } from "./HousePolicy.ts"
import { type Actor, actorOf, holderOf, localOwner } from "./Identity.ts"
import { InviteStore } from "./InviteStore.ts"
import { OperatorIdentity } from "./OperatorIdentity.ts"
import { today } from "./Quota.ts"
import { Reach } from "./Reach.ts"
import { type Issued, Tokens } from "./Tokens.ts"

export interface SignupRequest {
  readonly contact: Redacted.Redacted<string> | null
  readonly agentName: string | null
  readonly runtime: string | null
  /** Whether the answer may hold the token. It is shown then or never. */
  readonly returnToken: boolean
  readonly inviteCode: Redacted.Redacted<string> | null
  /** Whose token is to be rotated; only with the operator's token, or its own. */
  readonly agentId: AgentId | null
  /** The bearer token of the request: an agent's rotates it, the operator's opens what is closed to others. */
  readonly bearer: Redacted.Redacted<string> | null
}

export type SignupFailure =
  | Failure<"AUTH_REQUIRED" | "TOKEN_INVALID" | "TOKEN_REVOKED" | "CAPABILITY_DENIED" | "INVALID_ARGUMENTS">
  | StorageUnavailable

/** Who asks to sign up. */
type Asker = { readonly _tag: "Stranger" } | { readonly _tag: "Operator" } | { readonly _tag: "Holder"; holder: Holder }

/**
 * Makes agents and rotates their tokens. Always a new agent in a new organization, unless the request carries the
 * agent's own token or the operator's. An answer holds a secret, so none is ever stored: there is no replay.
 */
export class Signup extends Context.Tag("@image-skill/core/Signup")<
  Signup,
  { readonly signup: (request: SignupRequest) => Effect.Effect<JsonObject, SignupFailure, Call> }
>() {
  /** Embedded mode: the owner of the machine has signed up by owning it. */
  static readonly layerLocalOwner = Layer.succeed(this, {
    signup: () =>
      Effect.gen(function* () {
        yield* warn("No signup is needed here: this machine's owner works without a token, on their own provider keys")
        return yield* presented({ actor: localOwner, secret: null, isRotated: false, granted: null })
      })
  })

  static readonly layer = Layer.effect(
    this,
    Effect.suspend(() => make)
  ).pipe(Layer.provide(Tokens.Default))
}

const invalid = (path: string, message: string) =>
  failure("INVALID_ARGUMENTS", message, { details: { issues: [{ path, message }] }, recovery: { fields: [path] } })

const closed = failure(
  "CAPABILITY_DENIED",
  "Signup is closed on this house: it takes an invite code of its operator (invite_code, --invite-code)",
  {
    details: { signup: "closed" },
    recovery: {
      required_flag: "--invite-code",
      suggested_command: "image-skill signup --agent --invite-code INVITE_CODE --save --json",
      missing_inputs: ["INVITE_CODE"]
    }
  }
)

const badInvite = invalid("invite_code", "The invite code is not known here, is used up or has expired")

const harnessRefused = invalid(
  "human_email",
  "A contact at example.invalid reaches nobody: harness agents sign up on loopback or with the operator's token. Give an address that is read"
)

const make = Effect.gen(function* () {
  const ids = yield* Ids
  const agents = yield* AgentStore
  const invites = yield* InviteStore
  const gifts = yield* FreeCredits
  const ledger = yield* Ledger
  const operator = yield* OperatorIdentity
  const policy = yield* HousePolicy
  const reach = yield* Reach
  const tokens = yield* Tokens
  const transaction = yield* Transaction

  const askerOf = (bearer: SignupRequest["bearer"]): Effect.Effect<Asker, SignupFailure> =>
    bearer === null
      ? Effect.succeed({ _tag: "Stranger" })
      : operator.verify(bearer).pipe(
          Effect.as<Asker>({ _tag: "Operator" }),
          Effect.catchAll(() => Effect.map(holderOf(agents, bearer), (holder): Asker => ({ _tag: "Holder", holder })))
        )

  /** Free credits, once, as far as the day's are not given away yet. */
  const gift = Effect.fn("Signup.gift")(function* (agent: Agent) {
    const none = Credits.make(0)
    if (policy.freeCredits <= 0) return none
    const { day, resetsAt } = yield* today
    if (!(yield* gifts.take(day, policy.freeCredits, policy.freeCreditsPerDay ?? unlimited))) {
      yield* warn(
        `The free credits of today are given away: this agent starts with 0. The next day starts at ${resetsAt}`
      )
      return none
    }
    yield* ledger.grantFree(agent.organizationId, policy.freeCredits, agent.id)
    return policy.freeCredits
  })

  const used = (code: SecretHash, now: number) =>
    Effect.flatMap(
      invites.consume(code, now),
      Option.match({ onNone: () => Effect.fail(badInvite), onSome: Effect.succeed })
    )

  const enroll = Effect.fn("Signup.enroll")(function* (request: SignupRequest, asker: Asker) {
    const isOperator = asker._tag === "Operator"
    const isHarness = request.contact !== null && isHarnessContact(Redacted.value(request.contact))
    if (isHarness && !isOperator && !reach.isLoopback) return yield* Effect.fail(harnessRefused)
    const needsInvite = !isOperator && !policy.isSignupOpen
    if (needsInvite && request.inviteCode === null) return yield* Effect.fail(closed)
    if (!needsInvite && request.inviteCode !== null) yield* warn("Signup is open here: the invite code was not used")
    const code = needsInvite && request.inviteCode !== null ? yield* hashOf(request.inviteCode) : null

    const createdAt = yield* Clock.currentTimeMillis
    const stranger = {
      id: yield* ids.agent,
      organizationId: yield* ids.organization,
      name: request.agentName,
      runtime: request.runtime,
      contact: request.contact,
      isHarness,
      claimState: "unclaimed" as const,
      createdAt
    }
    const { secret, token } = yield* tokens.issue(stranger.id)
    const { agent, granted } = yield* transaction.run(
      Effect.gen(function* () {
        const { grants } = code === null ? { grants: null } : yield* used(code, createdAt)
        const made: Agent = { ...stranger, grants }
        yield* agents.insert(made, token)
        return { agent: made, granted: yield* gift(made) }
      })
    )
    if (!request.returnToken) yield* warn("The token was not returned, and cannot be later: send return_token true")
    return yield* presented({
      actor: actorOf({ agent, token }, policy.dailyJobs),
      secret: request.returnToken ? secret : null,
      isRotated: false,
      granted
    })
  })

  const rotate = Effect.fn("Signup.rotate")(function* (
    request: SignupRequest,
    agent: Agent,
    presentedToken: Holder["token"] | null
  ) {
    if (!request.returnToken) return yield* Effect.fail(lost)
    const issued: Issued = yield* tokens.rotate(agent.id, presentedToken?.hash ?? null)
    return yield* presented({
      actor: actorOf({ agent, token: issued.token }, policy.dailyJobs),
      secret: issued.secret,
      isRotated: true,
      granted: Credits.make(0)
    })
  })

  const signup = Effect.fn("Signup.signup")(function* (request: SignupRequest) {
    const asker = yield* askerOf(request.bearer)
    const { agentId } = request
    if (asker._tag === "Holder") {
      const { agent, token } = asker.holder
      if (agentId !== null && agentId !== agent.id) return yield* Effect.fail(othersAgent)
      return yield* rotate(request, agent, token)
    }
    if (agentId === null) return yield* enroll(request, asker)
    if (asker._tag === "Stranger")
      return yield* fail(
        "AUTH_REQUIRED",
        "agent_id rotates a token: that takes the agent's own token or the operator's as bearer"
      )
    const agent = yield* Effect.flatMap(
      agents.get(agentId),
      Option.match({
        onNone: () => Effect.fail(invalid("agent_id", `There is no agent "${quoted(agentId)}"`)),
        onSome: Effect.succeed
      })
    )
    if (agent.claimState !== "revoked") return yield* rotate(request, agent, null)
    return yield* Effect.fail(invalid("agent_id", `The agent "${agent.id}" is revoked: a token of it would be refused`))
  })

  return Signup.of({ signup })
})

const unlimited = Credits.make(Number.MAX_SAFE_INTEGER)

const lost = invalid(
  "return_token",
  "return_token must be true when a token is rotated: the old one ends, and nobody would know the new one"
)

const othersAgent = invalid("agent_id", "agent_id names another agent than the token's own")

const presented = (given: {
  readonly actor: Actor
  readonly secret: Redacted.Redacted<string> | null
  readonly isRotated: boolean
  /** Null where credits are not counted. */
  readonly granted: Credits | null
}) =>
  Effect.gen(function* () {
    const { actor, granted, secret } = given
    yield* Ref.set((yield* Call).actor, actor.ref)
    const result: JsonObject = {
      actor: { ...actor.ref },
      ...(secret === null ? {} : { token: Redacted.value(secret) }),
      token_presented: secret !== null,
      token_class: actor.tokenClass,
      token_created_at: actor.tokenCreatedAt,
      token_rotated: given.isRotated,
      grants: [...actor.grants],
      credits: { granted, unlimited: granted === null },
      storage: { server: actor.tokenCreatedAt === null ? "none" : "sha256", client: "not_saved" },
      next: ["image-skill whoami --json", "image-skill usage quota --json"]
    }
    return result
  })
