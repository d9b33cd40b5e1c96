import { type Context, Effect, Layer, Option, Ref } from "effect"
import type { AssetId, OrganizationId, RunId } from "../../kernel/Ids.ts"
import { pageOf } from "../../kernel/Page.ts"
import { MemoryTables } from "../../kernel/Transaction.ts"
import type { Asset } from "../Asset.ts"
import type { AssetStore } from "../AssetStore.ts"

interface Row {
  readonly asset: Asset
  readonly sequence: number
  readonly isErased: boolean
}

export const layerMemory = (tag: typeof AssetStore) => Layer.effect(tag, make)

const isThere = ({ asset }: Row) => asset.deletedAt === undefined

const make: Effect.Effect<Context.Tag.Service<AssetStore>, never, MemoryTables> = Effect.gen(function* () {
  const tables = yield* MemoryTables
  const rows = yield* tables.table<ReadonlyMap<AssetId, Row>>(new Map())
  const awaited = yield* tables.table<ReadonlyMap<string, RunId>>(new Map())
  const found = (id: AssetId, fits: (row: Row) => boolean) =>
    Effect.map(Ref.get(rows), (all) =>
      Option.map(Option.filter(Option.fromNullable(all.get(id)), fits), ({ asset }) => asset)
    )
  const owned = (organization: OrganizationId) =>
    Effect.map(Ref.get(rows), (all) => [...all.values()].filter(({ asset }) => asset.organizationId === organization))
  /** Changes the row, where it fits. */
  const change = (id: AssetId, fits: (row: Row) => boolean, next: (row: Row) => Row) =>
    tables.transact(
      Ref.modify(rows, (all) => {
        const row = all.get(id)
        return row === undefined || !fits(row) ? [false, all] : [true, new Map(all).set(id, next(row))]
      })
    )
  return {
    insert: (assets) =>
      tables.transact(
        Ref.update(rows, (all) => {
          const next = new Map(all)
          for (const asset of assets) {
            if (!next.has(asset.id)) next.set(asset.id, { asset, sequence: next.size + 1, isErased: false })
          }
          return next
        })
      ),
    find: (organization, id) => found(id, (row) => isThere(row) && row.asset.organizationId === organization),
    findByCapability: (id) => found(id, isThere),
    list: (organization, query) =>
      Effect.map(owned(organization), (all) =>
        pageOf(
          all
            .filter(isThere)
            .filter(({ asset }) => query.jobId === null || asset.jobId === query.jobId)
            .filter(({ asset }) => query.kind === null || asset.kind === query.kind)
            .sort((a, b) => b.sequence - a.sequence),
          query,
          ({ asset }) => asset,
          ({ sequence }) => sequence
        )
      ),
    ofJob: (organization, job) =>
      Effect.map(owned(organization), (all) =>
        all
          .filter(({ asset }) => asset.jobId === job)
          .sort((a, b) => a.sequence - b.sequence)
          .map(({ asset }) => asset)
      ),
    deletedOf: (organization, ids) =>
      Effect.map(owned(organization), (all) =>
        all.filter((row) => !isThere(row) && ids.includes(row.asset.id)).map(({ asset }) => asset)
      ),
    remove: (organization, id, at) =>
      change(
        id,
        (row) => isThere(row) && row.asset.organizationId === organization,
        (row) => ({ ...row, asset: { ...row.asset, deletedAt: at } })
      ),
    toErase: (limit) =>
      Effect.map(Ref.get(rows), (all) =>
        [...all.values()]
          .filter((row) => !isThere(row) && !row.isErased)
          .sort((a, b) => (a.asset.deletedAt ?? 0) - (b.asset.deletedAt ?? 0) || a.sequence - b.sequence)
          .slice(0, limit)
          .map(({ asset }) => asset)
      ),
    erased: (id) =>
      Effect.asVoid(
        change(
          id,
          (row) => !isThere(row),
          (row) => ({ ...row, isErased: true })
        )
      ),
    await: ({ key, run }) => tables.transact(Ref.update(awaited, (all) => new Map(all).set(key, run))),
    arrived: (key) =>
      tables.transact(Ref.update(awaited, (all) => new Map([...all].filter(([other]) => other !== key)))),
    awaited: (limit) =>
      Effect.map(Ref.get(awaited), (all) => [...all].slice(0, limit).map(([key, run]) => ({ key, run })))
  }
})
