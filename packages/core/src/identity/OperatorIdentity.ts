import { Context, Effect, Layer, type Redacted } from "effect"
import { type Failure, failure } from "../kernel/Errors.ts"
import { hashOf } from "./Agent.ts"

/** Who may run the house: `admin`, harness signups, rotating another's token. */
export class OperatorIdentity extends Context.Tag("@image-skill/core/OperatorIdentity")<
  OperatorIdentity,
  {
    readonly verify: (
      token: Redacted.Redacted<string> | null
    ) => Effect.Effect<void, Failure<"AUTH_REQUIRED" | "TOKEN_INVALID">>
  }
>() {
  /** Embedded mode: the owner of the machine is the operator. */
  static readonly layerLocalOwner = Layer.succeed(this, { verify: () => Effect.void })

  /** Who has the operator's token. Null: nobody has. */
  static readonly layer = (token: Redacted.Redacted<string> | null) =>
    Layer.effect(
      this,
      Effect.map(token === null ? Effect.succeed(null) : hashOf(token), (expected) => ({
        verify: (given) =>
          given === null
            ? Effect.fail(needed)
            : Effect.flatMap(hashOf(given), (hash) =>
                expected !== null && isSame(hash, expected) ? Effect.void : Effect.fail(wrong)
              )
      }))
    )
}

/** Of two hashes: how long it takes says nothing of where they differ. */
const isSame = (a: string, b: string): boolean => {
  let difference = a.length ^ b.length
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index)
  return difference === 0
}

const needed = failure(
  "AUTH_REQUIRED",
  "This is the operator's: it takes the value of IMAGE_SKILL_ADMIN_TOKEN as bearer"
)

const wrong = failure(
  "TOKEN_INVALID",
  "The token is not the operator's; a house without IMAGE_SKILL_ADMIN_TOKEN of at least 24 characters has none"
)
