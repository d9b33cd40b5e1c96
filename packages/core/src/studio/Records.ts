import { Effect, Option, Schema } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { type Asset, blobKey, parseAssetReference } from "../assets/Asset.ts"
import { type AssetQuery, AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { MediaOrigin } from "../assets/MediaOrigin.ts"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import type { Job } from "../jobs/Job.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { RunRegistry } from "../jobs/RunRegistry.ts"
import { warn } from "../kernel/Call.ts"
import { passed } from "../kernel/Checkpoint.ts"
import { fail, failure } from "../kernel/Errors.ts"
import { AssetId, Ids, type JobId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import type { PageQuery } from "../kernel/Page.ts"
import { quoted } from "../kernel/Quote.ts"
import { Transaction } from "../kernel/Transaction.ts"
import { makeDeletion } from "./internal/deleting.ts"
import { JobRunner } from "./JobRunner.ts"
import { assetJson, jobJson } from "./Receipt.ts"

const isAssetId = Schema.is(AssetId)

/** Reads what an organization has: its jobs, assets and activity. */
export class Records extends Effect.Service<Records>()("@image-skill/core/Records", {
  effect: Effect.gen(function* () {
    const jobs = yield* JobStore
    const assets = yield* AssetStore
    const blobs = yield* BlobStore
    const activity = yield* ActivityLog
    const media = yield* MediaOrigin
    const runner = yield* JobRunner
    const transaction = yield* Transaction
    const ids = yield* Ids
    const deletion = makeDeletion({ activity, assets, blobs, ids, jobs, runs: yield* RunRegistry, transaction })

    const shown = Effect.fn("Records.shown")(function* (job: Job) {
      const made = yield* assets.ofJob(job.organizationId, job.id)
      return jobJson(job, yield* jobs.attempts(job.id), made, media.base)
    })

    const ownJob = (actor: Actor, id: JobId) =>
      Effect.flatMap(
        jobs.find(organizationOf(actor), id),
        Option.match({
          onNone: () =>
            fail("JOB_NOT_FOUND", `There is no job "${quoted(id)}" here`, {
              details: { job_id: quoted(id) },
              recovery: { suggested_command: "image-skill jobs list --json" }
            }),
          onSome: Effect.succeed
        })
      )

    /** Waits up to `waitMillis` for it to end; an open job that nobody runs is started. */
    const job = Effect.fn("Records.job")(function* (actor: Actor, id: JobId, waitMillis: number) {
      yield* ownJob(actor, id)
      yield* runner.start(id)
      if (waitMillis > 0) yield* runner.wait(id, waitMillis)
      const result: JsonObject = { job: yield* shown(yield* ownJob(actor, id)) }
      return result
    })

    const notCancelable = ({ id, status }: Job) =>
      failure("JOB_NOT_CANCELABLE", `The job ${id} has ended: it is ${status}`, {
        details: { job_id: id, status },
        recovery: { suggested_command: `image-skill jobs show ${id} --json` }
      })

    /**
     * Asks for a job to be stopped. It is canceled once the provider confirms, or at once when nothing was sent; a result
     * that arrives all the same is kept and paid. Answers the job as it is a moment later.
     */
    const cancel = Effect.fn("Records.cancel")(function* (actor: Actor, id: JobId) {
      yield* ownJob(actor, id)
      if (!(yield* jobs.requestCancel(organizationOf(actor), id))) return yield* notCancelable(yield* ownJob(actor, id))
      yield* runner.start(id)
      // One that waits for its turn needs none: it sends nothing any more.
      yield* runner.hurry(id)
      yield* runner.wait(id, cancelWaitMillis)
      const result: JsonObject = { job: yield* shown(yield* ownJob(actor, id)), cancel_requested: true }
      return result
    })

    const jobList = Effect.fn("Records.jobs")(function* (actor: Actor, query: PageQuery) {
      const page = yield* jobs.list(organizationOf(actor), query)
      const result: JsonObject = { jobs: yield* Effect.forEach(page.items, shown), next_cursor: page.nextCursor }
      return result
    })

    const assetNotFound = (reference: string) =>
      failure("ASSET_NOT_FOUND", `There is no asset "${quoted(reference)}" here`, {
        details: { asset: quoted(reference) },
        recovery: { suggested_command: "image-skill assets list --json" }
      })

    const ownAsset = Effect.fnUntraced(function* (actor: Actor, reference: string) {
      const parsed = parseAssetReference(reference, media.base)
      const found = parsed === null ? Option.none<Asset>() : yield* assets.find(organizationOf(actor), parsed.id)
      if (parsed === null || Option.isNone(found)) return yield* assetNotFound(reference)
      return { request: { reference, reference_type: parsed.type }, asset: found.value }
    })

    const shownAsset = (found: Asset): JsonObject => ({ ...assetJson(found, media.base), source: "hosted_metadata" })

    /** By id, or by a URL of this house. */
    const asset = Effect.fn("Records.asset")(function* (actor: Actor, reference: string) {
      const { asset: found, request } = yield* ownAsset(actor, reference)
      const result: JsonObject = { request, asset: shownAsset(found) }
      return result
    })

    const assetList = Effect.fn("Records.assets")(function* (actor: Actor, query: AssetQuery) {
      const page = yield* assets.list(organizationOf(actor), query)
      const result: JsonObject = { assets: page.items.map(shownAsset), next_cursor: page.nextCursor }
      return result
    })

    /**
     * For good: from now on it is not found, here and under `/a/`. Refused while an open job reads it or makes it. Bytes
     * that cannot be removed at once are removed later.
     */
    const deleteAsset = Effect.fn("Records.deleteAsset")(function* (actor: Actor, reference: string) {
      const { asset: found, request } = yield* ownAsset(actor, reference)
      const deleted = Option.getOrNull(yield* deletion.mark(found))
      if (deleted === null) return yield* assetNotFound(reference)
      yield* passed("deleted")
      const isErased = yield* deletion.erase(deleted)
      if (!isErased) yield* warn("the asset is deleted; its bytes cannot be removed now, and are tried again")
      const result: JsonObject = { request, asset: shownAsset(deleted), deleted: true, bytes_removed: isErased }
      return result
    })

    /** The bytes behind `/a/<file>`. Who knows the id may read them. */
    const bytes = Effect.fn("Records.bytes")(function* (file: string) {
      const id = file.replace(/\.[a-z0-9]{1,5}$/i, "")
      const found = isAssetId(id) ? Option.getOrNull(yield* assets.findByCapability(id)) : null
      if (found === null) return yield* assetNotFound(id)
      const stored = yield* blobs
        .get(blobKey(found))
        .pipe(Effect.mapError(() => failure("STORAGE_UNAVAILABLE", "The bytes of the asset cannot be read now")))
      return yield* Option.match(stored, {
        onNone: () => Effect.fail(assetNotFound(id)),
        onSome: (content) => Effect.succeed({ asset: found, content })
      })
    })

    const events = Effect.fn("Records.activity")(function* (
      actor: Actor,
      query: PageQuery & { readonly subject: string | null }
    ) {
      const page = yield* activity.list(organizationOf(actor), query)
      const result: JsonObject = {
        events: page.items.map((event) => ({ ...event })),
        next_cursor: page.nextCursor,
        source: "hosted_activity_ledger"
      }
      return result
    })

    /** One event by its id, or the latest of a subject. */
    const event = Effect.fn("Records.event")(function* (actor: Actor, reference: string) {
      const one = Option.getOrNull(yield* activity.find(organizationOf(actor), reference))
      const found =
        one === null
          ? (yield* activity.list(organizationOf(actor), { subject: reference, limit: 50, cursor: null })).items
          : [one]
      if (found.length === 0) {
        return yield* fail("ACTIVITY_NOT_FOUND", `No event and no subject of an event is "${quoted(reference)}"`, {
          details: { reference: quoted(reference) },
          recovery: { suggested_command: "image-skill activity list --json" }
        })
      }
      const result: JsonObject = {
        request: { reference, reference_type: one === null ? "subject" : "event" },
        event: one === null ? null : { ...one },
        events: found.map((row) => ({ ...row })),
        source: "hosted_activity_ledger"
      }
      return result
    })

    const { eraseLeft } = deletion
    return {
      job,
      cancel,
      jobs: jobList,
      asset,
      assets: assetList,
      deleteAsset,
      eraseLeft,
      bytes,
      events,
      event
    } as const
  })
}) {}

/** Work that is easy to stop has stopped within it; for the rest the answer says that it still runs. */
const cancelWaitMillis = 2_000
