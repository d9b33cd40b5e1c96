import { type Asset, blobKey } from "@image-skill/core/assets/Asset"
import { AssetStore } from "@image-skill/core/assets/AssetStore"
import { BlobStore } from "@image-skill/core/assets/BlobStore"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { localOwner, organizationOf } from "@image-skill/core/identity/Identity"
import { Call, makeCall } from "@image-skill/core/kernel/Call"
import type { ErrorCode, Failure } from "@image-skill/core/kernel/Errors"
import { AssetId, Ids, JobId, ModelId, TraceId } from "@image-skill/core/kernel/Ids"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Proportion } from "@image-skill/core/kernel/Media"
import { sha256 } from "@image-skill/core/kernel/Sha256"
import { Ledger } from "@image-skill/core/ledger/Ledger"
import { CreditPolicy } from "@image-skill/core/pricing/CreditPolicy"
import type { CallImage, Plugin } from "@image-skill/core/provider/Provider"
import { ProviderRegistry } from "@image-skill/core/provider/ProviderRegistry"
import { SafeFetch } from "@image-skill/core/provider/SafeFetch"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Studio } from "@image-skill/core/studio/Studio"
import { layerMemoryStores } from "@image-skill/core/testing/memoryLayers"
import { ConfigProvider, Effect, Layer, Redacted } from "effect"

/** The whole house in memory around real plugins: what a request goes through, without its HTTP. */
export const layerMemoryHouse = (
  plugins: ReadonlyArray<Plugin>,
  environment: Readonly<Record<string, string>>,
  fetch: Layer.Layer<SafeFetch> = SafeFetch.layerNone
) =>
  Studio.Default.pipe(
    Layer.provideMerge(JobRunner.Default),
    Layer.provideMerge(Ledger.Default),
    Layer.provideMerge(layerMemoryStores),
    Layer.provideMerge(
      Layer.mergeAll(
        ProviderRegistry.layer(plugins).pipe(
          Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))))
        ),
        MediaOrigin.layerEmbedded,
        CreditPolicy.layerDefault,
        fetch
      )
    ),
    Layer.provideMerge(Ids.layer)
  )

/** Puts an image into the house, as an upload would. */
export const owned = (image: Omit<CallImage, "provenance">) =>
  Effect.gen(function* () {
    const ids = yield* Ids
    const asset: Asset = {
      id: yield* ids.asset,
      organizationId: organizationOf(localOwner),
      jobId: JobId.make("job_upload"),
      kind: "uploaded",
      mediaType: image.mediaType,
      bytes: image.bytes.length,
      width: image.width,
      height: image.height,
      sha256: yield* sha256(image.bytes),
      provenance: "uploaded",
      createdAt: 0
    }
    yield* (yield* BlobStore).put(blobKey(asset), image.bytes)
    yield* (yield* AssetStore).insert([asset])
    return AssetId.make(asset.id)
  })

const plain: ImageRequest = {
  command: "create",
  prompt: Redacted.make("a secret lighthouse"),
  modelId: null,
  providerId: null,
  intent: null,
  aspectRatio: Proportion.make("1:1"),
  outputCount: 1,
  parameters: {},
  image: null,
  mask: null,
  references: [],
  budget: { perImage: null, whole: null, acceptUnknownCost: true }
}

/** Sends a request as the machine's owner and waits for its end. */
export const asked = (
  modelId: string,
  own: Partial<ImageRequest>,
  dryRun = false
): Effect.Effect<JsonObject, Failure<ErrorCode>, Studio> =>
  Effect.gen(function* () {
    const studio = yield* Studio
    const call = yield* makeCall(TraceId.make("trace_0"), "image-skill create")
    return yield* studio
      .submit(
        localOwner,
        { ...plain, modelId: ModelId.make(modelId), ...own },
        { dryRun, idempotencyKey: null, waitMillis: 30_000 }
      )
      .pipe(Effect.provideService(Call, call))
  })
