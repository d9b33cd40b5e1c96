import { Context, Effect, Layer, Option, Ref } from "effect"
import type { JobId, OrganizationId } from "./Ids.ts"
import { MemoryTables, type StorageUnavailable } from "./Transaction.ts"

/** A key is of one organization and one endpoint. */
export interface IdempotencyScope {
  readonly organizationId: OrganizationId
  readonly endpoint: string
  readonly key: string
}

/** What a key is bound to: the job answers for it. `bodyHash` tells a replay from a conflict. */
export interface IdempotencyRecord {
  readonly bodyHash: string
  readonly jobId: JobId
}

/**
 * Keys bind in the transaction that makes the job. A refusal before that leaves no trace, so the key stays free; the
 * job's own row freezes the terminal answer. Keys live as long as their jobs: at least 24 hours.
 */
export class IdempotencyStore extends Context.Tag("@image-skill/core/IdempotencyStore")<
  IdempotencyStore,
  {
    readonly find: (scope: IdempotencyScope) => Effect.Effect<Option.Option<IdempotencyRecord>, StorageUnavailable>
    /** False when the key is taken. Joins the open transaction. */
    readonly bind: (scope: IdempotencyScope, record: IdempotencyRecord) => Effect.Effect<boolean, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyMap<string, IdempotencyRecord>>(new Map())
      const name = (scope: IdempotencyScope) => JSON.stringify([scope.organizationId, scope.endpoint, scope.key])
      return {
        find: (scope) => Effect.map(Ref.get(rows), (all) => Option.fromNullable(all.get(name(scope)))),
        bind: (scope, record) =>
          tables.transact(
            Ref.modify(rows, (all) =>
              all.has(name(scope)) ? [false, all] : [true, new Map(all).set(name(scope), record)]
            )
          )
      }
    })
  )
}
