import { Clock, Effect, Redacted } from "effect"
import { Ids } from "../kernel/Ids.ts"
import { hashOf } from "./Agent.ts"
import type { GivenGrants } from "./Grants.ts"
import { type Invite, InviteStore } from "./InviteStore.ts"

const dayMillis = 24 * 60 * 60 * 1000

/** Limits of what an operator may ask for. */
export const inviteLimits = { usesMax: 10_000, daysMax: 365, noteCharactersMax: 200 } as const

/** Makes invite codes. */
export class Invites extends Effect.Service<Invites>()("@image-skill/core/Invites", {
  effect: Effect.gen(function* () {
    const ids = yield* Ids
    const store = yield* InviteStore

    /** The code is shown once: the house keeps its hash. Bounds are the caller's to check (`inviteLimits`). */
    const create = Effect.fn("Invites.create")(function* (wanted: {
      readonly uses: number
      readonly days: number
      readonly note: string | null
      readonly grants: GivenGrants
    }) {
      const code = Redacted.make(`isk_invite_${Redacted.value(yield* ids.secret)}`)
      const now = yield* Clock.currentTimeMillis
      const invite: Invite = {
        id: yield* ids.invite,
        codeHash: yield* hashOf(code),
        note: wanted.note,
        usesLeft: wanted.uses,
        grants: wanted.grants,
        expiresAt: now + wanted.days * dayMillis,
        createdAt: now
      }
      yield* store.insert(invite)
      return { code, invite }
    })

    return { create, list: store.list, close: store.close } as const
  })
}) {}
