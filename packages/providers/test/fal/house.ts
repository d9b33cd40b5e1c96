import { blobKey } from "@image-skill/core/assets/Asset"
import { AssetStore } from "@image-skill/core/assets/AssetStore"
import { BlobStore } from "@image-skill/core/assets/BlobStore"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { localOwner, organizationOf } from "@image-skill/core/identity/Identity"
import { Call, makeCall } from "@image-skill/core/kernel/Call"
import { AssetId, Ids, JobId } from "@image-skill/core/kernel/Ids"
import { AspectRatio } from "@image-skill/core/kernel/Media"
import { Ledger } from "@image-skill/core/ledger/Ledger"
import { CreditPolicy } from "@image-skill/core/pricing/CreditPolicy"
import { ProviderError } from "@image-skill/core/provider/Provider"
import { ProviderRegistry } from "@image-skill/core/provider/ProviderRegistry"
import { SafeFetch } from "@image-skill/core/provider/SafeFetch"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Studio } from "@image-skill/core/studio/Studio"
import { layerMemoryStores } from "@image-skill/core/testing/memoryLayers"
import { ConfigProvider, Effect, Layer, Logger, Schema } from "effect"
import { fal } from "../../src/fal/index.ts"
import { type Emulator, png } from "./emulator.ts"

/** Takes results from the emulator, and from nowhere else. */
const layerFetch = (emulator: Emulator) =>
  Layer.succeed(SafeFetch, {
    bytes: (url) =>
      url.startsWith(`${emulator.url}/files/`)
        ? Effect.promise(async () => new Uint8Array(await (await fetch(url)).arrayBuffer()))
        : Effect.fail(new ProviderError({ reason: "bad_output", message: "a foreign address", billed: "unknown" }))
  })

/** The whole house in memory, with fal at the emulator. */
export const layerHouse = (emulator: Emulator, key: string) =>
  Studio.Default.pipe(
    Layer.provideMerge(JobRunner.Default),
    Layer.provideMerge(Ledger.Default),
    Layer.provideMerge(layerMemoryStores),
    Layer.provideMerge(
      Layer.mergeAll(
        ProviderRegistry.layer([fal]),
        layerFetch(emulator),
        CreditPolicy.layerDefault,
        MediaOrigin.layerEmbedded
      )
    ),
    Layer.provideMerge(Ids.layerSequential),
    Layer.provide(
      Layer.setConfigProvider(
        ConfigProvider.fromMap(
          new Map([
            ["FAL_KEY", key],
            ["FAL_QUEUE_BASE_URL", emulator.url],
            ["FAL_STORAGE_BASE_URL", emulator.url]
          ])
        )
      )
    ),
    Layer.provide(Logger.remove(Logger.defaultLogger))
  )

/** An owned image of this size, as an upload leaves it. */
export const owned = (name: string, width: number, height: number) =>
  Effect.gen(function* () {
    const bytes = new Uint8Array(png(width, height))
    const asset = {
      id: AssetId.make(`image_${name}`),
      organizationId: organizationOf(localOwner),
      jobId: JobId.make("job_upload"),
      kind: "uploaded" as const,
      mediaType: "image/png" as const,
      bytes: bytes.length,
      width,
      height,
      sha256: "0".repeat(64),
      provenance: "uploaded" as const,
      createdAt: 0
    }
    yield* (yield* AssetStore).insert([asset])
    yield* (yield* BlobStore).put(blobKey(asset), bytes)
    return asset
  })

/** An aspect ratio as it is typed. */
export const ratio = Schema.decodeUnknownSync(AspectRatio)

export const request = (changes: Partial<ImageRequest>): ImageRequest => ({
  command: "create",
  prompt: null,
  modelId: null,
  providerId: null,
  intent: null,
  aspectRatio: ratio("1:1"),
  outputCount: 1,
  parameters: {},
  image: null,
  mask: null,
  references: [],
  budget: { perImage: null, whole: null, acceptUnknownCost: true },
  ...changes
})

/** A call as its handler makes it. */
export const asked = (wanted: ImageRequest, dryRun = false) =>
  Effect.gen(function* () {
    const call = yield* makeCall(yield* (yield* Ids).trace, `image-skill ${wanted.command}`)
    const studio = yield* Studio
    return yield* studio
      .submit(localOwner, wanted, { dryRun, idempotencyKey: null, waitMillis: 30_000 })
      .pipe(Effect.provideService(Call, call))
  })
