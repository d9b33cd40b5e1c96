import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeSyncedFolder, writeDurably } from "../../src/assets/internal/durableFile.ts"
import { pagesOf } from "../../src/assets/internal/pages.ts"

const [block, slot] = [4096, 1024 * 1024]

const patterned = (bytes: Uint8Array<ArrayBuffer>, seed: number) => {
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 7 + (at >> 12) + seed) % 251
  return bytes
}
const anywhere = (length: number) => patterned(new Uint8Array(length), length % 97)
/** As it lies in scratch memory: from the first byte of a page, or not. */
const inPages = (length: number, from = 0) => patterned(new Uint8Array(pagesOf(length + from), from, length), 5)

/** Sizes around those at which blocks, slots and the way past the cache begin and end. */
const contents: Readonly<Record<string, ReadonlyArray<Uint8Array>>> = {
  nothing: [],
  "one byte": [anywhere(1)],
  "just too small": [anywhere(slot / 4 - 1)],
  "just large enough": [anywhere(slot / 4)],
  "whole slots": [anywhere(2 * slot)],
  "a byte more than a slot": [anywhere(slot + 1)],
  "many pieces": [anywhere(block - 1), anywhere(1), anywhere(slot), anywhere(0), anywhere(3 * block + 17)],
  "pages and a rest": [inPages(3 * slot + 1_234)],
  "whole pages": [inPages(slot)],
  "a block before pages": [anywhere(block), inPages(slot + 5)],
  "a line before pages": [anywhere(80), inPages(slot + 5)],
  "pages from their middle": [inPages(slot, 16)],
  "pages twice": [inPages(slot + 9), inPages(slot + 9)]
}

describe("A file that is written durably", () => {
  for (const [name, chunks] of Object.entries(contents)) {
    it.effect(`holds its bytes and no more: ${name}`, () =>
      Effect.gen(function* () {
        const folder = mkdtempSync(join(tmpdir(), "image-skill-past-cache-"))
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
        const path = join(folder, "file")
        yield* writeDurably(join(folder, "aside"), path, chunks, makeSyncedFolder(folder))
        assert.isTrue(readFileSync(path).equals(Buffer.concat(chunks)))
      }).pipe(Effect.scoped)
    )
  }
})
