import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Effect, Layer } from "effect"
import { layerStorage } from "../../src/Storage.ts"

/** A folder of its own, removed with the scope. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "image-skill-storage-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

/** Storage on a fresh data directory each time that it is built. */
export const layerTemporary = Layer.unwrapScoped(Effect.map(temporaryFolder, layerStorage)).pipe(
  Layer.provide(Ids.layer)
)
