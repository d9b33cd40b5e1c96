import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, Fiber, type Layer, Option } from "effect"
import { BlobStore } from "../../assets/BlobStore.ts"
import { numbers } from "./samples.ts"

/** Bytes whose every place tells whether they are whole. */
const bytesOf = (length: number, seed: number) => Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 256)

/** What every `BlobStore` promises. */
export const blobStoreSuite = <E>(name: string, layer: Layer.Layer<BlobStore, E>) =>
  describe(`BlobStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, BlobStore>) => Effect.provide(effect, layer)

    it.effect("keeps bytes as they are under their key", () =>
      run(
        Effect.gen(function* () {
          const blobs = yield* BlobStore
          const big = bytesOf(1_000_003, 7)
          yield* blobs.put("image_a.png", big)
          yield* blobs.put("image_b.png", new Uint8Array(0))
          // A view into a larger buffer: only the view's bytes count.
          yield* blobs.put("image_c.png", big.subarray(10, 20))
          assertSome(yield* blobs.get("image_a.png"), big)
          assertSome(yield* blobs.get("image_b.png"), new Uint8Array(0))
          assertSome(yield* blobs.get("image_c.png"), big.slice(10, 20))
          assertNone(yield* blobs.get("image_d.png"))
        })
      )
    )

    it.effect("keeps no hold of the memory that bytes came in: it is used again for the next image", () =>
      run(
        Effect.gen(function* () {
          const blobs = yield* BlobStore
          const memory = bytesOf(600_001, 3)
          yield* blobs.put("image_a.png", memory)
          memory.fill(0)
          assertSome(yield* blobs.get("image_a.png"), bytesOf(600_001, 3))
        })
      )
    )

    it.effect("replaces and removes, and removes nothing twice without complaint", () =>
      run(
        Effect.gen(function* () {
          const blobs = yield* BlobStore
          yield* blobs.put("a", bytesOf(10, 1))
          yield* blobs.put("a", bytesOf(5, 2))
          assertSome(yield* blobs.get("a"), bytesOf(5, 2))
          yield* blobs.remove("a")
          yield* blobs.remove("a")
          assertNone(yield* blobs.get("a"))
        })
      )
    )

    it.effect("shows the old bytes or the new ones, never a part, when puts are cut or collide", () =>
      run(
        Effect.gen(function* () {
          const blobs = yield* BlobStore
          const versions = numbers(8).map((seed) => bytesOf(300_000 + seed, seed))
          const whole = (bytes: Uint8Array) => versions.some((one) => bytes.length === one.length && equal(bytes, one))
          yield* blobs.put("a", bytesOf(300_001, 1))
          for (const bytes of versions) {
            const fiber = yield* Effect.fork(blobs.put("a", bytes))
            yield* Effect.forEach(numbers(bytes.length % 7), () => Effect.yieldNow())
            const during = Option.getOrThrow(yield* blobs.get("a"))
            yield* Fiber.interrupt(fiber)
            const after = Option.getOrThrow(yield* blobs.get("a"))
            assert.isTrue(whole(during) && whole(after))
          }
          yield* Effect.forEach(versions, (bytes) => blobs.put("a", bytes), { concurrency: "unbounded" })
          assert.isTrue(whole(Option.getOrThrow(yield* blobs.get("a"))))
        })
      )
    )
  })

const equal = (a: Uint8Array, b: Uint8Array) => a.every((byte, index) => byte === b[index])
