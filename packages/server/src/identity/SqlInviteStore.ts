import * as SqlClient from "@effect/sql/SqlClient"
import { Invite, InviteStore } from "@image-skill/core/identity/InviteStore"
import { type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Array, Effect, Layer, Schema } from "effect"
import { column, json, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const InviteRow = Schema.Struct({
  id: Invite.fields.id,
  codeHash: column("code_hash", Invite.fields.codeHash),
  note: Invite.fields.note,
  usesLeft: column("uses_left", Schema.Int),
  grants: json(Invite.fields.grants),
  expiresAt: column("expires_at", Schema.Int),
  createdAt: column("created_at", Schema.Int)
})
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(InviteRow, Sequenced)))
const decodeUsed = Schema.decodeUnknown(Schema.Array(InviteRow.pick("grants")))
const encodeInvite = Schema.encode(InviteRow)

/** Invites in SQL. */
export const layer = Layer.effect(
  InviteStore,
  Effect.map(SqlClient.SqlClient, (sql) => {
    const list = (query: PageQuery) =>
      sql`SELECT * FROM invites WHERE sequence < ${sequenceOf(query.cursor) ?? sequenceMax}
          ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
        Effect.flatMap(decodeListed),
        Effect.map((rows) =>
          pageOf(
            rows,
            query,
            ({ sequence: _, ...invite }) => invite,
            (row) => row.sequence
          )
        )
      )
    return {
      insert: (invite) =>
        Effect.flatMap(encodeInvite(invite), (row) => sql`INSERT INTO invites ${sql.insert(row)}`).pipe(
          Effect.asVoid,
          orUnavailable
        ),
      consume: (codeHash, now) =>
        sql`UPDATE invites SET uses_left = uses_left - 1
            WHERE code_hash = ${codeHash} AND uses_left > 0 AND expires_at > ${now} RETURNING grants`.pipe(
          Effect.flatMap(decodeUsed),
          Effect.map(Array.head),
          orUnavailable
        ),
      close: (id) =>
        sql`UPDATE invites SET uses_left = 0 WHERE id = ${id} RETURNING id`.pipe(
          Effect.map((rows) => rows.length > 0),
          orUnavailable
        ),
      list: (query) => orUnavailable(list(query))
    }
  })
)
