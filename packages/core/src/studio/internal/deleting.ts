import { Clock, type Context, Effect, Option } from "effect"
import type { ActivityLog } from "../../activity/ActivityLog.ts"
import { type Asset, blobKey } from "../../assets/Asset.ts"
import type { AssetStore, AwaitedBlob } from "../../assets/AssetStore.ts"
import type { BlobStore } from "../../assets/BlobStore.ts"
import { isTerminal } from "../../jobs/Job.ts"
import type { JobStore } from "../../jobs/JobStore.ts"
import type { RunRegistry } from "../../jobs/RunRegistry.ts"
import { Call } from "../../kernel/Call.ts"
import { type Failure, failure } from "../../kernel/Errors.ts"
import type { Ids, JobId } from "../../kernel/Ids.ts"
import { isoOf } from "../../kernel/Time.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { StorageUnavailable, Transaction } from "../../kernel/Transaction.ts"

interface Services {
  readonly jobs: Context.Tag.Service<JobStore>
  readonly assets: Context.Tag.Service<AssetStore>
  readonly blobs: Context.Tag.Service<BlobStore>
  readonly activity: Context.Tag.Service<ActivityLog>
  readonly runs: Context.Tag.Service<RunRegistry>
  readonly transaction: Context.Tag.Service<Transaction>
  readonly ids: Context.Tag.Service<Ids>
}

const inUse = (asset: Asset, job: JobId) =>
  failure("ASSET_IN_USE", `The asset ${asset.id} is needed by the job ${job}, which has not ended`, {
    details: { asset_id: asset.id, job_id: job },
    recovery: { suggested_command: `image-skill jobs wait ${job} --json` }
  })

/** Deletes assets: the row first, and its bytes once that is durable. */
export const makeDeletion = ({ activity, assets, blobs, ids, jobs, runs, transaction }: Services) => {
  /** The open job that reads the asset, or that it belongs to. */
  const userOf = (asset: Asset): Effect.Effect<Option.Option<JobId>, StorageUnavailable> =>
    Effect.gen(function* () {
      const own = Option.getOrNull(yield* jobs.find(asset.organizationId, asset.jobId))
      return own !== null && !isTerminal(own.status)
        ? Option.some(own.id)
        : yield* jobs.openWith(asset.organizationId, asset.id)
    })

  const event = (asset: Asset, at: number) =>
    Effect.gen(function* () {
      const { traceId } = yield* Call
      const links = { job_id: asset.jobId, asset_ids: [asset.id], feedback_id: null, usage_event_id: null }
      return {
        organizationId: asset.organizationId,
        event: {
          event_id: yield* ids.event,
          type: "asset.deleted" as const,
          occurred_at: isoOf(at),
          summary: "Image deleted",
          operation: "delete",
          subject: { type: "asset", id: asset.id },
          links,
          status: "completed",
          trace_id: traceId
        }
      }
    })

  /**
   * Marks it deleted, with its event. None when it was deleted meanwhile. The look at the jobs is in the transaction: a
   * job that is accepted later does not find the asset.
   */
  const mark = Effect.fnUntraced(function* (asset: Asset) {
    const at = yield* Clock.currentTimeMillis
    const deleted = yield* event(asset, at)
    return yield* transaction.run(
      Effect.gen(function* (): Effect.fn.Return<Option.Option<Asset>, Failure<"ASSET_IN_USE"> | StorageUnavailable> {
        const user = yield* userOf(asset)
        if (Option.isSome(user)) return yield* inUse(asset, user.value)
        if (!(yield* assets.remove(asset.organizationId, asset.id, at))) return Option.none()
        yield* activity.append([deleted])
        return Option.some({ ...asset, deletedAt: at })
      })
    )
  }, spanned("Asset.delete"))

  /** Whether the bytes of a deleted asset are gone now. If not, `eraseLeft` finds it again. */
  const erase = (asset: Asset): Effect.Effect<boolean> =>
    blobs.remove(blobKey(asset)).pipe(
      Effect.zipRight(Effect.flatMap(Clock.currentTimeMillis, (at) => assets.erased(asset.id, at))),
      Effect.as(true),
      Effect.catchAll((error) =>
        Effect.as(Effect.logWarning(`the bytes of a deleted asset are removed later: ${error.message}`), false)
      )
    )

  /** The bytes of an upload whose process died before a row named them. While it lives, one still may. */
  const eraseAwaited = Effect.fnUntraced(function* ({ key, run }: AwaitedBlob) {
    if (run === runs.self || !(yield* runs.isDead(run))) return
    yield* blobs.remove(key).pipe(
      Effect.zipRight(assets.arrived(key)),
      Effect.catchAll((error) => Effect.logWarning(`the bytes of an upload are removed later: ${error.message}`))
    )
  })

  /** Removes the bytes that a process left behind that died after a deletion, or in the middle of an upload. */
  const eraseLeft = Effect.fnUntraced(function* (most: number) {
    yield* Effect.forEach(yield* assets.toErase(most), erase, { discard: true })
    yield* Effect.forEach(yield* assets.awaited(most), eraseAwaited, { discard: true })
  }, spanned("Asset.eraseLeft"))

  return { mark, erase, eraseLeft } as const
}
