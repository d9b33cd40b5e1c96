import { BlobStore } from "@image-skill/core/assets/BlobStore"
import { Effect, Layer } from "effect"
import { makeWholeFiles } from "./internal/wholeFiles.ts"

/** Blobs as files under `folder`. A key that is no plain file name is refused. */
export const layer = (folder: string) =>
  Layer.effect(
    BlobStore,
    Effect.map(makeWholeFiles(folder, "spread"), ({ read, remove, write }) => ({
      put: (key, bytes) => write(key, [bytes]),
      get: read,
      remove
    }))
  )
