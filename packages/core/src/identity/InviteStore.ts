import { Context, Effect, Layer, Option, Ref, Schema } from "effect"
import { InviteId } from "../kernel/Ids.ts"
import { type Page, type PageQuery, pageOf } from "../kernel/Page.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"
import { SecretHash } from "./Agent.ts"
import { GivenGrants } from "./Grants.ts"

/** Lets agents sign up where signup is closed. Who has the code may use it. */
export const Invite = Schema.Struct({
  id: InviteId,
  codeHash: SecretHash,
  /** The operator's own words about whom it is for. */
  note: Schema.NullOr(Schema.String),
  usesLeft: Schema.Int,
  /** Of the agents that sign up with it. */
  grants: GivenGrants,
  /** Epoch milliseconds. */
  expiresAt: Schema.Int,
  createdAt: Schema.Int
})
export type Invite = typeof Invite.Type

/** Invites of the operator. */
export class InviteStore extends Context.Tag("@image-skill/core/InviteStore")<
  InviteStore,
  {
    readonly insert: (invite: Invite) => Effect.Effect<void, StorageUnavailable>
    /**
     * Takes one use, and tells what comes with it. None when the code is unknown, used up or expired at `now`: a
     * conditional update. Joins the open transaction.
     */
    readonly consume: (
      codeHash: SecretHash,
      now: number
    ) => Effect.Effect<Option.Option<Pick<Invite, "grants">>, StorageUnavailable>
    /** Leaves no use. False when there is no such invite. */
    readonly close: (id: InviteId) => Effect.Effect<boolean, StorageUnavailable>
    /** The newest first. */
    readonly list: (query: PageQuery) => Effect.Effect<Page<Invite>, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyArray<Invite>>([])
      /** Changes the first that fits, and tells which one did. */
      const change = (fits: (invite: Invite) => boolean, next: (invite: Invite) => Invite) =>
        tables.transact(
          Ref.modify(rows, (all) => {
            const found = all.find(fits)
            return [Option.fromNullable(found), all.map((invite) => (invite === found ? next(invite) : invite))]
          })
        )
      return {
        insert: (invite) => tables.transact(Ref.update(rows, (all) => [...all, invite])),
        consume: (codeHash, now) =>
          Effect.map(
            change(
              (invite) => invite.codeHash === codeHash && invite.usesLeft > 0 && now < invite.expiresAt,
              (invite) => ({ ...invite, usesLeft: invite.usesLeft - 1 })
            ),
            Option.map(({ grants }) => ({ grants }))
          ),
        close: (id) =>
          Effect.map(
            change(
              (invite) => invite.id === id,
              (invite) => ({ ...invite, usesLeft: 0 })
            ),
            Option.isSome
          ),
        list: (query) =>
          Effect.map(Ref.get(rows), (all) =>
            pageOf(
              all.map((invite, index) => ({ invite, sequence: index + 1 })).reverse(),
              query,
              ({ invite }) => invite,
              ({ sequence }) => sequence
            )
          )
      }
    })
  )
}
