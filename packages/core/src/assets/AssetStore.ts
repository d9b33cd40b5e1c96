import { Context, type Effect, type Option } from "effect"
import type { AssetId, JobId, OrganizationId, RunId } from "../kernel/Ids.ts"
import type { Page, PageQuery } from "../kernel/Page.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"
import type { Asset } from "./Asset.ts"
import { layerMemory } from "./internal/memoryAssetStore.ts"

export interface AssetQuery extends PageQuery {
  readonly jobId: JobId | null
  readonly kind: Asset["kind"] | null
}

/** Bytes that are stored before a row names them, and by whom. */
export interface AwaitedBlob {
  readonly key: string
  readonly run: RunId
}

/** What is known of each asset. The bytes are the blob store's. Writes join the open transaction. */
export class AssetStore extends Context.Tag("@image-skill/core/AssetStore")<
  AssetStore,
  {
    /** The same id again changes nothing, also when it was deleted. */
    readonly insert: (assets: ReadonlyArray<Asset>) => Effect.Effect<void, StorageUnavailable>
    /** None for one that was deleted. */
    readonly find: (
      organization: OrganizationId,
      id: AssetId
    ) => Effect.Effect<Option.Option<Asset>, StorageUnavailable>
    /** Without an organization: the id itself is the capability. For serving bytes only; none once it was deleted. */
    readonly findByCapability: (id: AssetId) => Effect.Effect<Option.Option<Asset>, StorageUnavailable>
    /** Those that were not deleted, the newest first. */
    readonly list: (organization: OrganizationId, query: AssetQuery) => Effect.Effect<Page<Asset>, StorageUnavailable>
    /** All that a job made, the oldest first: also those that were deleted since. */
    readonly ofJob: (
      organization: OrganizationId,
      job: JobId
    ) => Effect.Effect<ReadonlyArray<Asset>, StorageUnavailable>
    /** Which of these were deleted. In no order. */
    readonly deletedOf: (
      organization: OrganizationId,
      ids: ReadonlyArray<AssetId>
    ) => Effect.Effect<ReadonlyArray<Asset>, StorageUnavailable>
    /** Marks it deleted at `at`, in epoch milliseconds. False when there is none, or it was deleted before. */
    readonly remove: (
      organization: OrganizationId,
      id: AssetId,
      at: number
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** Deleted assets whose bytes may still be there, those deleted first first. */
    readonly toErase: (limit: number) => Effect.Effect<ReadonlyArray<Asset>, StorageUnavailable>
    /** The bytes of a deleted asset are gone. */
    readonly erased: (id: AssetId, at: number) => Effect.Effect<void, StorageUnavailable>
    /** Bytes are about to be stored that no row names yet: should the run die before one does, they are found here. */
    readonly await: (blob: AwaitedBlob) => Effect.Effect<void, StorageUnavailable>
    /** A row names them now, or they are gone. */
    readonly arrived: (key: string) => Effect.Effect<void, StorageUnavailable>
    /** In no order. */
    readonly awaited: (limit: number) => Effect.Effect<ReadonlyArray<AwaitedBlob>, StorageUnavailable>
  }
>() {
  static readonly layerMemory = layerMemory(this)
}
