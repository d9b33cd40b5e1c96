import * as SqlClient from "@effect/sql/SqlClient"
import { ActivityEvent, type OwnedEvent, referencesOf } from "@image-skill/core/activity/Activity"
import { ActivityLog } from "@image-skill/core/activity/ActivityLog"
import type { OrganizationId } from "@image-skill/core/kernel/Ids"
import { type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { Array, Effect, Layer, Option, Schema } from "effect"
import { json, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const decodeEvents = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ sequence: Schema.Int, event: json(ActivityEvent) }))
)
const decodeMade = Schema.decodeUnknown(Schema.Array(Schema.Struct({ event_id: Schema.String, sequence: Schema.Int })))
const encodeEvent = Schema.encode(json(ActivityEvent))

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction

  const append = Effect.fnUntraced(function* (events: ReadonlyArray<OwnedEvent>) {
    if (events.length === 0) return
    const rows = yield* Effect.forEach(events, ({ event, organizationId }) =>
      Effect.map(encodeEvent(event), (text) => ({
        event_id: event.event_id,
        organization_id: organizationId,
        event: text
      }))
    )
    const made = yield* Effect.flatMap(
      sql`INSERT INTO activity_events ${sql.insert(rows)} ON CONFLICT (event_id) DO NOTHING RETURNING event_id, sequence`,
      decodeMade
    )
    const known = new Map(events.map((owned): readonly [string, OwnedEvent] => [owned.event.event_id, owned]))
    const references = made.flatMap(({ event_id, sequence }) => {
      const owned = known.get(event_id)
      if (owned === undefined) return []
      return referencesOf(owned.event).map((reference) => ({
        organization_id: owned.organizationId,
        reference,
        sequence
      }))
    })
    if (references.length > 0) yield* sql`INSERT INTO activity_references ${sql.insert(references)}`
  })

  const rowsOf = (organization: OrganizationId, query: PageQuery & { readonly subject: string | null }) => {
    const before = sequenceOf(query.cursor) ?? sequenceMax
    return query.subject === null
      ? sql`SELECT sequence, event FROM activity_events
            WHERE organization_id = ${organization} AND sequence < ${before}
            ORDER BY sequence DESC LIMIT ${query.limit + 1}`
      : sql`SELECT e.sequence, e.event FROM activity_references r JOIN activity_events e ON e.sequence = r.sequence
            WHERE r.organization_id = ${organization} AND r.reference = ${query.subject} AND r.sequence < ${before}
            ORDER BY r.sequence DESC LIMIT ${query.limit + 1}`
  }

  return ActivityLog.of({
    append: (events) => transaction.run(orUnavailable(append(events))),
    list: (organization, query) =>
      orUnavailable(
        Effect.map(Effect.flatMap(rowsOf(organization, query), decodeEvents), (rows) =>
          pageOf(
            rows,
            query,
            (row) => row.event,
            (row) => row.sequence
          )
        )
      ),
    find: (organization, eventId) =>
      sql`SELECT sequence, event FROM activity_events
          WHERE event_id = ${eventId} AND organization_id = ${organization}`.pipe(
        Effect.flatMap(decodeEvents),
        Effect.map((rows) => Option.map(Array.head(rows), (row) => row.event)),
        orUnavailable
      )
  })
})

/** Activity in SQL. Each id that an event refers to has a row of its own, so that `subject` is an index look-up. */
export const layer = Layer.effect(ActivityLog, make)
