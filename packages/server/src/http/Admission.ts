import { Headers, type HttpServerRequest } from "@effect/platform"
import type { CallerNeeded } from "@image-skill/core/api/Caller"
import { type Actor, Identity, requireGrant } from "@image-skill/core/identity/Identity"
import { OperatorIdentity } from "@image-skill/core/identity/OperatorIdentity"
import { RateLimits } from "@image-skill/core/identity/RateLimits"
import type { ErrorCode, Failure } from "@image-skill/core/kernel/Errors"
import { spanned } from "@image-skill/core/kernel/Traces"
import { Context, Effect, Option, Redacted } from "effect"
import { callerAddress, TrustedProxies } from "./CallerAddress.ts"

type Request = HttpServerRequest.HttpServerRequest

/** Whose a request is: looked up before anything else of it. Null where no agent is asked for. */
export class Admitted extends Context.Reference<Admitted>()("@image-skill/server/Admitted", {
  defaultValue: (): Actor | null => null
}) {}

const bearer = /^Bearer +(\S+)$/i

export const tokenOf = (headers: Headers.Headers): Redacted.Redacted<string> | null => {
  const match = Option.getOrNull(Option.map(Headers.get(headers, "authorization"), (value) => bearer.exec(value)))
  return match?.[1] === undefined ? null : Redacted.make(match[1])
}

const authenticated = spanned("Identity.authenticate")

const isRead = (method: string) => method === "GET" || method === "HEAD"

/** Tells whose token a request carries, and how often that one may ask. */
export const makeAdmission = Effect.gen(function* () {
  const identity = yield* Identity
  const operator = yield* OperatorIdentity
  const limits = yield* RateLimits
  const trustedProxies = yield* TrustedProxies

  const addressOf = (request: Request) => callerAddress(request, trustedProxies)

  /** Tokens that are not known count against the address: whoever guesses is told less and less often. */
  const guarded =
    (request: Request) =>
    <A, E extends Failure<ErrorCode>, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.tapError(effect, (error) =>
        error.code === "TOKEN_INVALID" ? limits.take("guess", addressOf(request)) : Effect.void
      )

  /** The agent of a request, by its token. */
  const agentOf = (request: Request) => guarded(request)(authenticated(identity.authenticate(tokenOf(request.headers))))

  /** Takes one of what an agent may read or write. */
  const counted = (request: Request, actor: Actor) =>
    limits.take(isRead(request.method) ? "read" : "write", actor.ref.actor_id)

  /** Fails unless it is the operator's. After too many wrong tokens the address has to wait, with a right one too. */
  const operators = (request: Request) =>
    Effect.zipRight(
      limits.check("guess", addressOf(request)),
      guarded(request)(operator.verify(tokenOf(request.headers)))
    )

  /** The agent of a request, if it must be one's. Fails with the agent, as far as known. */
  const admit = Effect.fnUntraced(function* (request: Request, caller: CallerNeeded | null) {
    const nobodys = <E>(error: E) => ({ error, actor: null })
    if (caller === "operator") yield* Effect.mapError(operators(request), nobodys)
    if (caller === "operator" || caller === null) return null
    const actor = yield* Effect.mapError(agentOf(request), nobodys)
    yield* counted(request, actor).pipe(
      Effect.zipRight(requireGrant(actor, caller.grant)),
      Effect.mapError((error) => ({ error, actor }))
    )
    return actor
  })

  return { addressOf, guarded, operators, admit } as const
})
