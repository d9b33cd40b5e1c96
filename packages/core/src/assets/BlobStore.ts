import { Context, Data, Effect, Layer, Option, Ref } from "effect"

/** A blob could not be written, read or removed. `message` names no path and no bucket. */
export class BlobError extends Data.TaggedError("BlobError")<{ readonly message: string }> {}

/** Keeps bytes under a key. A put is whole or absent: never half-written, also after a crash. */
export class BlobStore extends Context.Tag("@image-skill/core/BlobStore")<
  BlobStore,
  {
    /** Durable when it returns; then the caller may write over `bytes`. The same key again replaces what it held. */
    readonly put: (key: string, bytes: Uint8Array) => Effect.Effect<void, BlobError>
    readonly get: (key: string) => Effect.Effect<Option.Option<Uint8Array>, BlobError>
    /** A missing key is no error. */
    readonly remove: (key: string) => Effect.Effect<void, BlobError>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.map(Ref.make<ReadonlyMap<string, Uint8Array>>(new Map()), (blobs) => ({
      put: (key, bytes) => Ref.update(blobs, (all) => new Map(all).set(key, bytes.slice())),
      get: (key) => Effect.map(Ref.get(blobs), (all) => Option.fromNullable(all.get(key))),
      remove: (key) =>
        Ref.update(blobs, (all) => {
          const next = new Map(all)
          next.delete(key)
          return next
        })
    }))
  )
}
