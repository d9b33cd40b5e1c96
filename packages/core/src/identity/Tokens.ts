import { Clock, Effect, Redacted } from "effect"
import { fail } from "../kernel/Errors.ts"
import { type AgentId, Ids } from "../kernel/Ids.ts"
import { hashOf, type SecretHash, type Token, tokenPrefix } from "./Agent.ts"
import { AgentStore } from "./AgentStore.ts"

/** A token with its secret, which is shown once and then known to its holder alone. */
export interface Issued {
  readonly secret: Redacted.Redacted<string>
  readonly token: Token
}

export const tokenRevoked = fail("TOKEN_REVOKED", "This token was revoked: it was rotated, or the operator took it", {
  recovery: { suggested_command: "image-skill signup --agent --save --json" }
})

/** Makes tokens of 256 random bits and puts them into force. */
export class Tokens extends Effect.Service<Tokens>()("@image-skill/core/Tokens", {
  effect: Effect.gen(function* () {
    const ids = yield* Ids
    const agents = yield* AgentStore

    /** Not stored: `AgentStore.insert` or `rotate` does. */
    const issue = Effect.fn("Tokens.issue")(function* (agentId: AgentId) {
      const secret = Redacted.make(`${tokenPrefix}${Redacted.value(yield* ids.secret)}`)
      const createdAt = yield* Clock.currentTimeMillis
      const issued: Issued = {
        secret,
        token: { hash: yield* hashOf(secret), agentId, class: "restricted", createdAt, revokedAt: null }
      }
      return issued
    })

    /** `current` is the token that its holder presents; null for the operator, who needs none. The old one is dead at once. */
    const rotate = Effect.fn("Tokens.rotate")(function* (agentId: AgentId, current: SecretHash | null) {
      const issued = yield* issue(agentId)
      return (yield* agents.rotate(current, issued.token)) ? issued : yield* tokenRevoked
    })

    return { issue, rotate } as const
  })
}) {}
