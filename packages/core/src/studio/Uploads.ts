import { Cause, Clock, Effect, Either, Exit, Option, Ref } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { type Asset, blobKey } from "../assets/Asset.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { ImageCodec } from "../assets/ImageCodec.ts"
import { MediaOrigin } from "../assets/MediaOrigin.ts"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import type { Job } from "../jobs/Job.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { RunRegistry } from "../jobs/RunRegistry.ts"
import { Call, warn } from "../kernel/Call.ts"
import { passed } from "../kernel/Checkpoint.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import { type IdempotencyRecord, type IdempotencyScope, IdempotencyStore } from "../kernel/Idempotency.ts"
import { Ids, type JobId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { Credits } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"
import { sha256 } from "../kernel/Sha256.ts"
import { type StorageUnavailable, Transaction } from "../kernel/Transaction.ts"
import { assetIdsIn, withDeletions } from "./internal/deletions.ts"
import { eventCount, jobEvents } from "./internal/events.ts"
import { assetFrom } from "./internal/images.ts"
import { assetJson, showJob } from "./Receipt.ts"

/** Bytes that a client sends, and what it says of them. What it says is only compared. */
export interface UploadRequest {
  readonly bytes: Uint8Array
  readonly sourceKind: "local_path" | "remote_url"
  readonly filename: string | null
  /** Origin of the URL it was fetched from; null for a file. */
  readonly remoteOrigin: string | null
  readonly mimeType: string | null
  readonly contentLength: number | null
  readonly sha256: string | null
  /** The same key and bytes again answer with the same asset. None by default. */
  readonly idempotencyKey?: string | null
}

/** Takes images in: measured, proven to decode, stripped of metadata, stored, and listed as a job of 0 credits. */
export class Uploads extends Effect.Service<Uploads>()("@image-skill/core/Uploads", {
  effect: Effect.gen(function* () {
    const ids = yield* Ids
    const codec = yield* ImageCodec
    const blobs = yield* BlobStore
    const assets = yield* AssetStore
    const jobs = yield* JobStore
    const runs = yield* RunRegistry
    const activity = yield* ActivityLog
    const keys = yield* IdempotencyStore
    const transaction = yield* Transaction
    const media = yield* MediaOrigin

    /** The image as an asset that is not stored yet. Proven to decode. */
    const accepted = Effect.fn("Uploads.accepted")(function* (actor: Actor, jobId: JobId, request: UploadRequest) {
      const made = yield* assetFrom(request.bytes, {
        id: yield* ids.asset,
        organizationId: organizationOf(actor),
        jobId,
        kind: "uploaded",
        provenance: "uploaded"
      })
      if (Either.isLeft(made)) return yield* denied(made.left)
      const { asset, bytes, facts } = made.right
      // Bytes that take too long are refused like others that do not decode: the next try would take as long.
      yield* codec
        .verify(bytes, facts)
        .pipe(
          Effect.mapError((error) =>
            error.reason === "unavailable"
              ? failure("STORAGE_UNAVAILABLE", `The image cannot be checked now: ${error.message}`)
              : denied(error.message)
          )
        )
      if (request.mimeType !== null && request.mimeType !== asset.mediaType) {
        yield* warn(`declared as ${quoted(request.mimeType)}, and taken as what it is: ${asset.mediaType}`)
      }
      return { asset, bytes }
    })

    /** The answer of the first upload with this key, or the conflict. */
    const replay = Effect.fn("Uploads.replay")(function* (known: IdempotencyRecord, received: string) {
      const job = known.bodyHash === received ? Option.getOrNull(yield* jobs.get(known.jobId)) : null
      if (job === null) return yield* conflict(known.jobId)
      yield* warn(...job.warnings)
      const frozen = job.answer ?? {}
      const deleted = yield* assets.deletedOf(job.organizationId, assetIdsIn(frozen))
      const result: JsonObject = { ...withDeletions(frozen, deleted), idempotent_replay: true }
      return result
    })

    /**
     * The blob, then the rows. False when another call took the key first. Bytes that no row names are removed: here, or
     * by whoever finds the note that is written first.
     */
    const store = Effect.fn("Uploads.store")(function* (
      stored: { readonly asset: Asset; readonly bytes: Uint8Array },
      write: Effect.Effect<boolean, StorageUnavailable>
    ) {
      const key = blobKey(stored.asset)
      const removed = Effect.orElseSucceed(Effect.zipRight(blobs.remove(key), assets.arrived(key)), () => undefined)
      yield* assets.await({ key, run: runs.self })
      yield* blobs.put(key, stored.bytes).pipe(
        Effect.mapError(() => failure("STORAGE_UNAVAILABLE", "The image could not be stored; nothing was done")),
        Effect.tapError(() => removed)
      )
      yield* passed("received")
      const written = Effect.tap(write, (isFirst) => (isFirst ? assets.arrived(key) : Effect.void))
      const isStored = yield* transaction.run(written).pipe(
        // A commit whose answer was lost may have been done all the same: only where no row is seen are the bytes removed.
        Effect.catchAll((error) =>
          Effect.flatMap(Effect.either(jobs.get(stored.asset.jobId)), (found) =>
            Either.isRight(found) && Option.isSome(found.right)
              ? Effect.succeed(true)
              : Effect.zipRight(Either.isRight(found) ? removed : Effect.void, Effect.fail(error))
          )
        ),
        Effect.onExit((exit) => (Exit.isFailure(exit) && Cause.isDie(exit.cause) ? removed : Effect.void))
      )
      if (!isStored) yield* removed
      return isStored
    }, Effect.uninterruptible)

    const upload = Effect.fn("Uploads.upload")(function* (
      actor: Actor,
      request: UploadRequest
    ): Effect.fn.Return<JsonObject, UploadFailure, Call> {
      const received = yield* sha256(request.bytes)
      yield* checkClaims(request, received)
      const scope = scopeOf(actor, request)
      const known = scope === null ? null : Option.getOrNull(yield* keys.find(scope))
      if (known !== null) return yield* replay(known, received)
      const jobId = yield* ids.job
      const made = yield* accepted(actor, jobId, request)
      const { asset, bytes } = made
      const answer: JsonObject = {
        job_id: jobId,
        request: {
          source_kind: request.sourceKind,
          filename: baseName(request.filename),
          remote_origin: originOf(request.remoteOrigin)
        },
        asset: assetJson(asset, media.base),
        upload: {
          bytes: request.bytes.length,
          mime_type: asset.mediaType,
          sha256: received,
          metadata_removed: bytes.length !== request.bytes.length,
          policy: { status: "allowed" }
        }
      }
      const job = yield* uploadJob(actor, jobId, request)
      const bound = scope === null ? Effect.succeed(true) : keys.bind(scope, { bodyHash: received, jobId })
      const isStored = yield* store(
        made,
        Effect.tap(bound, (isFirst) => (isFirst ? record(job, asset, answer) : Effect.void))
      )
      if (isStored) return answer
      const other = scope === null ? null : Option.getOrNull(yield* keys.find(scope))
      return other === null ? yield* conflict(null) : yield* replay(other, received)
    })

    const uploadJob = (actor: Actor, id: JobId, request: UploadRequest) =>
      Effect.gen(function* () {
        const call = yield* Call
        const now = yield* Clock.currentTimeMillis
        const job: Job = {
          id,
          organizationId: organizationOf(actor),
          agentId: actor.ref.actor_id,
          traceId: call.traceId,
          command: "upload",
          operation: null,
          modelId: null,
          providerId: null,
          capabilityId: null,
          status: "queued",
          epoch: 0,
          owner: null,
          leaseUntil: null,
          cancelRequested: false,
          work: null,
          receipt: { request: { source_kind: request.sourceKind } },
          idempotencyKey: request.idempotencyKey ?? null,
          error: null,
          answer: null,
          warnings: yield* Ref.get(call.warnings),
          createdAt: now,
          completedAt: null,
          deadlineAt: now + limits.leaseMillis
        }
        return job
      })

    /** The job is born and ends in one transaction: an upload is never seen half done. */
    const record = (job: Job, asset: Asset, answer: JsonObject) =>
      Effect.gen(function* () {
        const at = yield* Clock.currentTimeMillis
        yield* jobs.insert(job, [])
        const lease = yield* jobs.acquire(job.id, runs.self, at, at + limits.leaseMillis, [])
        if (lease._tag === "None") return yield* Effect.dieMessage("a job that was just made is free")
        yield* assets.insert([asset])
        yield* jobs.end(lease.value, {
          status: "completed",
          answer,
          error: null,
          warnings: job.warnings,
          completedAt: at
        })
        const eventIds = yield* Effect.all(Array.from({ length: eventCount(1) }, () => ids.event))
        const usageId = yield* ids.usage
        yield* activity.append(
          jobEvents({ job, status: "completed", assets: [asset], usageId, settled: Credits.make(0), at, eventIds })
        )
      })

    return { upload } as const
  })
}) {}

export type UploadFailure = Failure<
  "INVALID_ARGUMENTS" | "INPUT_POLICY_DENIED" | "STORAGE_UNAVAILABLE" | "IDEMPOTENCY_CONFLICT"
>

const scopeOf = (actor: Actor, { idempotencyKey = null }: UploadRequest): IdempotencyScope | null =>
  idempotencyKey === null ? null : { organizationId: organizationOf(actor), endpoint: "upload", key: idempotencyKey }

const conflict = (jobId: JobId | null) =>
  failure(
    "IDEMPOTENCY_CONFLICT",
    "This idempotency key belongs to another upload: repeat that one, or take a new key",
    { recovery: { fields: ["idempotency_key"], suggested_command: showJob(jobId) } }
  )

/** Folders of the caller's machine stay there. */
const baseName = (filename: string | null): string | null =>
  filename === null ? null : (filename.split(/[\\/]/).at(-1) ?? "")

/** Without credentials, path and query; null for what is no URL. */
const originOf = (remote: string | null): string | null =>
  remote !== null && URL.canParse(remote) && /^https?:/i.test(remote) ? new URL(remote).origin : null

const denied = (reason: string) =>
  failure("INPUT_POLICY_DENIED", `This is no image that can be taken: ${reason}`, {
    details: { reason, supported: ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"] }
  })

const checkClaims = (request: UploadRequest, received: string): Effect.Effect<void, Failure<"INVALID_ARGUMENTS">> => {
  const issues = [
    ...(request.contentLength !== null && request.contentLength !== request.bytes.length
      ? [
          {
            path: "content_length",
            message: `content_length is ${request.contentLength}; ${request.bytes.length} bytes arrived`
          }
        ]
      : []),
    ...(request.sha256 !== null && request.sha256.toLowerCase() !== received
      ? [
          {
            path: "sha256",
            message: `sha256 is ${request.sha256.slice(0, 64)}; the bytes that arrived have ${received}`
          }
        ]
      : [])
  ]
  return issues.length === 0
    ? Effect.void
    : Effect.fail(
        failure("INVALID_ARGUMENTS", issues.map((issue) => issue.message).join("; "), { details: { issues } })
      )
}
