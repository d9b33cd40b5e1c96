import { Clock, Effect, Either, Ref } from "effect"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { type Asset, blobKey } from "../assets/Asset.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { ImageCodec } from "../assets/ImageCodec.ts"
import { MediaOrigin } from "../assets/MediaOrigin.ts"
import { sha256 } from "../assets/Sha256.ts"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import type { Job } from "../jobs/Job.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { RunRegistry } from "../jobs/RunRegistry.ts"
import { Call, warn } from "../kernel/Call.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import { Ids, type JobId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { Credits } from "../kernel/Money.ts"
import { Transaction } from "../kernel/Transaction.ts"
import { eventCount, jobEvents } from "./internal/events.ts"
import { assetFrom } from "./internal/images.ts"
import { assetJson } from "./Receipt.ts"

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
    const transaction = yield* Transaction
    const media = yield* MediaOrigin

    const upload = Effect.fn("Uploads.upload")(function* (
      actor: Actor,
      request: UploadRequest
    ): Effect.fn.Return<JsonObject, UploadFailure, Call> {
      const received = yield* sha256(request.bytes)
      yield* checkClaims(request, received)
      const jobId = yield* ids.job
      const made = yield* assetFrom(request.bytes, {
        id: yield* ids.asset,
        organizationId: organizationOf(actor),
        jobId,
        kind: "uploaded",
        provenance: "uploaded"
      })
      if (Either.isLeft(made)) return yield* denied(made.left)
      const { asset, bytes, facts } = made.right
      yield* codec
        .verify(bytes, facts)
        .pipe(
          Effect.mapError((error) =>
            error.reason === "unavailable" || error.reason === "timeout"
              ? failure("STORAGE_UNAVAILABLE", `The image cannot be checked now: ${error.message}`)
              : denied(error.message)
          )
        )
      if (request.mimeType !== null && request.mimeType !== asset.mediaType) {
        yield* warn(`declared as ${request.mimeType}, and taken as what it is: ${asset.mediaType}`)
      }
      yield* blobs
        .put(blobKey(asset), bytes)
        .pipe(Effect.mapError(() => failure("STORAGE_UNAVAILABLE", "The image could not be stored; nothing was done")))
      const job = yield* uploadJob(actor, jobId, request)
      yield* transaction.run(record(job, asset))
      return {
        job_id: jobId,
        request: { source_kind: request.sourceKind, filename: request.filename, remote_origin: request.remoteOrigin },
        asset: assetJson(asset, media.base),
        upload: {
          bytes: request.bytes.length,
          mime_type: asset.mediaType,
          sha256: received,
          metadata_removed: bytes.length !== request.bytes.length,
          policy: { status: "allowed" }
        }
      }
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
          idempotencyKey: null,
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
    const record = (job: Job, asset: Asset) =>
      Effect.gen(function* () {
        const at = yield* Clock.currentTimeMillis
        yield* jobs.insert(job, [])
        const lease = yield* jobs.acquire(job.id, runs.self, at, at + limits.leaseMillis, [])
        if (lease._tag === "None") return yield* Effect.dieMessage("a job that was just made is free")
        yield* assets.insert([asset])
        yield* jobs.end(lease.value, {
          status: "completed",
          answer: null,
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

export type UploadFailure = Failure<"INVALID_ARGUMENTS" | "INPUT_POLICY_DENIED" | "STORAGE_UNAVAILABLE">

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
