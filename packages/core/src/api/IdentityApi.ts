import { HttpApiEndpoint, HttpApiGroup, HttpServerRequest } from "@effect/platform"
import { Effect, Redacted, Schema } from "effect"
import type { SignupRequest } from "../identity/Signup.ts"
import { type Call, warn } from "../kernel/Call.ts"
import { Envelope } from "../kernel/Envelope.ts"
import { AgentId } from "../kernel/Ids.ts"
import { Caller } from "./Caller.ts"
import { Command } from "./Command.ts"
import { anyId, IdempotencyHeaders, IdempotencyKey, idempotencyHeader, optional, strict } from "./Fields.ts"

/** A word about an agent: shown to people, so nothing in it may move their cursor. */
const label = (name: string) =>
  Schema.String.pipe(Schema.pattern(/^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,100}$/u)).annotations({
    message: () => ({
      message: `${name} is a text of 1 to 100 characters without line breaks and control characters`,
      override: true
    })
  })

/** The value is never repeated: it may be a person's. */
const Contact = Schema.String.pipe(
  Schema.maxLength(254),
  Schema.pattern(/^[^\s@\p{Cc}\p{Cf}]{1,64}@[^\s@\p{Cc}\p{Cf}]+\.[^\s@\p{Cc}\p{Cf}]+$/u)
).annotations({
  message: () => ({ message: "human_email is an e-mail address of at most 254 characters", override: true })
})

const InviteCode = Schema.String.pipe(Schema.pattern(/^[!-~]{1,200}$/)).annotations({
  message: () => ({ message: "invite_code is a text of 1 to 200 characters without spaces", override: true })
})

export const SignupPayload = strict({
  human_email: optional(Contact),
  agent_name: optional(label("agent_name")),
  runtime: optional(label("runtime")),
  return_token: optional(Schema.Boolean),
  invite_code: optional(InviteCode),
  /** Whose token the operator rotates. */
  agent_id: optional(anyId(AgentId)),
  /** Taken and not used, as any POST may carry one. */
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "SignupPayload" })
export type SignupPayload = typeof SignupPayload.Type

/** Who calls, what is left, and whether the house stands. */
export const IdentityApi = HttpApiGroup.make("identity")
  .add(
    HttpApiEndpoint.post("signup", "/v1/agent-signups")
      .setHeaders(IdempotencyHeaders)
      .setPayload(SignupPayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill signup")
  )
  .add(
    HttpApiEndpoint.get("whoami", "/v1/whoami")
      .addSuccess(Envelope)
      .annotate(Command, "image-skill whoami")
      .annotate(Caller, { grant: null })
  )
  .add(
    HttpApiEndpoint.get("quota", "/v1/quota")
      .addSuccess(Envelope)
      .annotate(Command, "image-skill usage quota")
      .annotate(Caller, { grant: "quota" })
  )
  .add(HttpApiEndpoint.get("health", "/healthz").addSuccess(Envelope).annotate(Command, "image-skill doctor"))

const noReplay =
  "A signup has no replay: its answer holds a secret and is never stored. The idempotency key was not used"

/** The signup that a call stands for. */
export const signupOf = (
  payload: SignupPayload,
  bearer: Redacted.Redacted<string> | null
): Effect.Effect<SignupRequest, never, Call | HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const isKeyed = (payload.idempotency_key ?? headers[idempotencyHeader] ?? null) !== null
    if (isKeyed) yield* warn(noReplay)
    return {
      contact: secretOrNull(payload.human_email),
      agentName: payload.agent_name ?? null,
      runtime: payload.runtime ?? null,
      returnToken: payload.return_token ?? false,
      inviteCode: secretOrNull(payload.invite_code),
      agentId: payload.agent_id ?? null,
      bearer
    }
  })

const secretOrNull = (text: string | null | undefined) =>
  text === null || text === undefined ? null : Redacted.make(text)
