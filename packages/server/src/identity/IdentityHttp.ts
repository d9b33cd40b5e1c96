import { HttpApiBuilder } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { signupOf } from "@image-skill/core/api/IdentityApi"
import { Signup } from "@image-skill/core/identity/Signup"
import { Account } from "@image-skill/core/studio/Account"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"
import { StorageHealth } from "./StorageHealth.ts"

export const IdentityHttp = HttpApiBuilder.group(
  Api,
  "identity",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const account = yield* Account
    const { signup } = yield* Signup
    const storage = yield* StorageHealth
    return handlers
      .handle("signup", ({ payload }) =>
        answering.admitted((bearer) => Effect.flatMap(signupOf(payload, bearer), signup))
      )
      .handle("whoami", () => answering.owned(account.whoami))
      .handle("quota", () => answering.owned(account.quota))
      .handle("health", () => answering.open(Effect.flatMap(storage, account.health)))
  })
)
