import { Context, Effect, Layer, Option, Ref } from "effect"
import type { AssetId, JobId, OrganizationId } from "../kernel/Ids.ts"
import { type Page, type PageQuery, pageOf } from "../kernel/Page.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"
import type { Asset } from "./Asset.ts"

export interface AssetQuery extends PageQuery {
  readonly jobId: JobId | null
  readonly kind: Asset["kind"] | null
}

/** What is known of each asset. The bytes are the blob store's. */
export class AssetStore extends Context.Tag("@image-skill/core/AssetStore")<
  AssetStore,
  {
    /** Joins the open transaction. The same id again changes nothing. */
    readonly insert: (assets: ReadonlyArray<Asset>) => Effect.Effect<void, StorageUnavailable>
    readonly find: (
      organization: OrganizationId,
      id: AssetId
    ) => Effect.Effect<Option.Option<Asset>, StorageUnavailable>
    /** Without an organization: the id itself is the capability. For serving bytes only. */
    readonly findByCapability: (id: AssetId) => Effect.Effect<Option.Option<Asset>, StorageUnavailable>
    readonly list: (organization: OrganizationId, query: AssetQuery) => Effect.Effect<Page<Asset>, StorageUnavailable>
    /** False when there was none. */
    readonly remove: (organization: OrganizationId, id: AssetId) => Effect.Effect<boolean, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyMap<AssetId, { readonly asset: Asset; readonly sequence: number }>>(
        new Map()
      )
      let sequence = 0
      const owned = (organization: OrganizationId, id: AssetId) =>
        Effect.map(Ref.get(rows), (all) =>
          Option.filter(
            Option.map(Option.fromNullable(all.get(id)), ({ asset }) => asset),
            (asset) => asset.organizationId === organization
          )
        )
      return {
        insert: (assets) =>
          tables.transact(
            Ref.update(rows, (all) => {
              const next = new Map(all)
              for (const asset of assets) {
                if (next.has(asset.id)) continue
                // Never counted back: the number of a removed asset is not given again.
                sequence += 1
                next.set(asset.id, { asset, sequence })
              }
              return next
            })
          ),
        find: owned,
        findByCapability: (id) =>
          Effect.map(Ref.get(rows), (all) => Option.map(Option.fromNullable(all.get(id)), ({ asset }) => asset)),
        list: (organization, query) =>
          Effect.map(Ref.get(rows), (all) =>
            pageOf(
              [...all.values()]
                .filter(({ asset }) => asset.organizationId === organization)
                .filter(({ asset }) => query.jobId === null || asset.jobId === query.jobId)
                .filter(({ asset }) => query.kind === null || asset.kind === query.kind)
                .sort((a, b) => b.sequence - a.sequence),
              query,
              ({ asset }) => asset,
              ({ sequence }) => sequence
            )
          ),
        remove: (organization, id) =>
          tables.transact(
            Effect.flatMap(
              owned(organization, id),
              Option.match({
                onNone: () => Effect.succeed(false),
                onSome: () =>
                  Ref.modify(rows, (all) => {
                    const next = new Map(all)
                    return [next.delete(id), next]
                  })
              })
            )
          )
      }
    })
  )
}
