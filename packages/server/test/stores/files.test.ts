import { mkdir, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { BlobStore } from "@image-skill/core/assets/BlobStore"
import { ResultSpool } from "@image-skill/core/assets/ResultSpool"
import { attemptId } from "@image-skill/core/testing/suites/samples"
import { Effect, Fiber, Layer, Option } from "effect"
import * as FileBlobStore from "../../src/assets/FileBlobStore.ts"
import * as FileResultSpool from "../../src/assets/FileResultSpool.ts"
import { temporaryFolder } from "./temporary.ts"

const blobsIn = (folder: string) => FileBlobStore.layer(folder).pipe(Layer.provide(NodeFileSystem.layer))
const spoolIn = (folder: string) => FileResultSpool.layer(folder).pipe(Layer.provide(NodeFileSystem.layer))

/** Every file under a folder, by its path from there. */
const filesOf = (folder: string) =>
  Effect.promise(async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  })

const hostile = ["../evil", "..", ".", "", "/etc/evil", "a/b", "a\\b", "a\0b", ".hidden", "a:b", "x".repeat(300)]

describe("FileBlobStore", () => {
  it.scoped("keeps every key inside its folder, in one of its 256", () =>
    Effect.gen(function* () {
      const outer = yield* temporaryFolder
      const folder = join(outer, "blobs")
      yield* Effect.provide(
        Effect.gen(function* () {
          const blobs = yield* BlobStore
          yield* Effect.promise(() => writeFile(join(outer, "evil"), "secret"))
          for (const key of hostile) {
            assert.strictEqual((yield* Effect.flip(blobs.put(key, new Uint8Array(1))))._tag, "BlobError")
            assertNone(yield* blobs.get(key))
            yield* blobs.remove(key)
          }
          yield* blobs.put("image_1.png", new Uint8Array(1))
        }),
        blobsIn(folder)
      )
      const [evil, ...rest] = (yield* filesOf(outer)).sort((a, b) => a.length - b.length)
      assert.strictEqual(evil, join(outer, "evil"))
      assert.strictEqual(rest.length, 1)
      assert.match(rest[0] ?? "", /blobs\/[0-9a-f]{2}\/image_1\.png$/)
    })
  )

  it.scoped("leaves nothing behind when a put is cut, and clears what died with its process", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const aside = join(folder, "aside")
      yield* Effect.promise(async () => {
        await mkdir(aside, { recursive: true })
        await writeFile(join(aside, "old"), "torn")
        await writeFile(join(aside, "young"), "another process writes it")
        await utimes(join(aside, "old"), 1, 1)
      })
      yield* Effect.provide(
        Effect.gen(function* () {
          const blobs = yield* BlobStore
          const fiber = yield* Effect.fork(blobs.put("a", new Uint8Array(5_000_000)))
          yield* Effect.yieldNow()
          yield* Fiber.interrupt(fiber)
          yield* blobs.put("b", new Uint8Array(1))
        }),
        blobsIn(folder)
      )
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(aside)), ["young"])
    })
  )

  it.scoped("fails without naming a path, and works again when the disk does", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "in-the-way")
      yield* Effect.promise(() => writeFile(file, ""))
      yield* Effect.provide(
        Effect.gen(function* () {
          const blobs = yield* BlobStore
          const error = yield* Effect.flip(blobs.put("a", new Uint8Array(1)))
          assert.notInclude(error.message, folder)
          yield* Effect.promise(() => rm(file))
          yield* blobs.put("a", new Uint8Array(1))
          assert.isTrue(Option.isSome(yield* blobs.get("a")))
        }),
        blobsIn(join(file, "blobs"))
      )
    })
  )
})

describe("FileResultSpool", () => {
  it.scoped("reads a reply in another life, and none that the disk has cut", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const reply = { contentType: "image/png", bytes: new Uint8Array(100).fill(7), facts: { seed: 1 } }
      yield* Effect.provide(
        Effect.flatMap(ResultSpool, (spool) => spool.write(attemptId(1), reply)),
        spoolIn(folder)
      )
      const read = Effect.provide(
        Effect.flatMap(ResultSpool, (spool) => spool.read(attemptId(1))),
        spoolIn(folder)
      )
      assertSome(yield* read, reply)
      const [file = ""] = yield* filesOf(folder)
      // A block for the header, and the reply fills the last one up.
      for (const cut of [4096 + 99, 4096, 10, 0]) {
        yield* Effect.promise(() => truncate(file, cut))
        assert.strictEqual((yield* Effect.flip(read))._tag, "BlobError")
      }
    })
  )
})
