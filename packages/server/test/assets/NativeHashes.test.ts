import { assert, it } from "@effect/vitest"
import { Checksum } from "@image-skill/core/assets/Checksum"
import { sha256 } from "@image-skill/core/kernel/Sha256"
import { Effect } from "effect"
import * as NativeHashes from "../../src/assets/NativeHashes.ts"

const bytes = Uint8Array.from({ length: 1_003 }, (_, index) => (index * index) % 251).subarray(1)

/** What a house says of these bytes, with the hashes that it has. */
const told = Effect.gen(function* () {
  const { crc32 } = yield* Checksum
  return [yield* sha256(bytes), crc32(bytes, 0, bytes.length), crc32(bytes, 3, 3), crc32(bytes, 5, 990)]
})

it.effect("says of bytes what the hashes of every platform say", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* Effect.provide(told, NativeHashes.layer), yield* told)
  })
)
