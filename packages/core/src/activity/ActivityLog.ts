import { Context, Effect, Layer, Option, Ref } from "effect"
import type { OrganizationId } from "../kernel/Ids.ts"
import type { Page, PageQuery } from "../kernel/Page.ts"
import { pageOf } from "../kernel/Page.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"
import { type ActivityEvent, type OwnedEvent, referencesOf } from "./Activity.ts"

/** The append-only list of what happened. Every read is of one organization. */
export class ActivityLog extends Context.Tag("@image-skill/core/ActivityLog")<
  ActivityLog,
  {
    /** Joins the open transaction. The same event again changes nothing. */
    readonly append: (events: ReadonlyArray<OwnedEvent>) => Effect.Effect<void, StorageUnavailable>
    /** Newest first. `subject` is any id that an event refers to. */
    readonly list: (
      organization: OrganizationId,
      query: PageQuery & { readonly subject: string | null }
    ) => Effect.Effect<Page<ActivityEvent>, StorageUnavailable>
    readonly find: (
      organization: OrganizationId,
      eventId: string
    ) => Effect.Effect<Option.Option<ActivityEvent>, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyArray<OwnedEvent>>([])
      return {
        append: (events) =>
          tables.transact(
            Ref.update(rows, (all) => {
              const known = new Set(all.map((row) => row.event.event_id))
              return [...all, ...events.filter(({ event }) => !known.has(event.event_id))]
            })
          ),
        list: (organization, query) =>
          Effect.map(Ref.get(rows), (all) =>
            pageOf(
              all
                .map((row, sequence) => ({ row, sequence }))
                .filter(({ row }) => row.organizationId === organization)
                .filter(({ row }) => query.subject === null || referencesOf(row.event).includes(query.subject))
                .reverse(),
              query,
              ({ row }) => row.event,
              ({ sequence }) => sequence
            )
          ),
        find: (organization, eventId) =>
          Effect.map(Ref.get(rows), (all) =>
            Option.map(
              Option.fromNullable(
                all.find((row) => row.organizationId === organization && row.event.event_id === eventId)
              ),
              (row) => row.event
            )
          )
      }
    })
  )
}
