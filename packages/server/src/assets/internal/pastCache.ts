import { constants } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { isAligned, pagesOf } from "./pages.ts"

// Images are synced as soon as they are written, and a reply on the spool is hardly ever read: going through the page
// cache costs a copy into memory that the system has to find first. Measured, 3 MB: 2 to 9 ms of CPU against 1.

const blockBytes = 4096
const slotBytes = 1024 * 1024
/** As many as there are threads that write, and some that are being filled. */
const slotsMost = 8
/** Below this the cache costs less than the way past it. */
const bytesMin = 256 * 1024

/** The flag for opening such a file; null where the system has none. */
const flag = constants.O_DIRECT === undefined ? null : constants.O_DIRECT

const makeSlots = (): Array<Uint8Array> => {
  const memory = pagesOf(slotsMost * slotBytes)
  return Array.from({ length: slotsMost }, (_, index) => new Uint8Array(memory, index * slotBytes, slotBytes))
}

let slots: Array<Uint8Array> | null = null
/** Not every file system can: whether this one does shows when it is tried. */
let isPossible = flag !== null

/** A buffer to write past the page cache with, for files of this size; null where the cache is the better way, or the only one. */
export const takeSlot = (bytes: number): { readonly flag: number; readonly slot: Uint8Array } | null => {
  if (flag === null || !isPossible || bytes < bytesMin) return null
  slots ??= makeSlots()
  const slot = slots.pop()
  return slot === undefined ? null : { flag, slot }
}

export const giveBack = (slot: Uint8Array): void => void slots?.push(slot)

export const isRefusal = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "EINVAL" || cause.code === "ENOTSUP")

/** From now on nobody tries. */
export const refuse = (): void => void (isPossible = false)

const writeAt = async (file: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

/**
 * Writes the chunks one after another by whole blocks, and cuts the file to their length. What begins at a block in
 * memory and in the file is written as it lies; the rest goes through the slot.
 */
export const writeBlocks = async (file: FileHandle, chunks: ReadonlyArray<Uint8Array>, slot: Uint8Array) => {
  let written = 0
  let filled = 0
  const flush = async (bytes: number) => {
    await writeAt(file, slot.subarray(0, bytes), written)
    written += bytes
    filled = 0
  }
  for (const chunk of chunks) {
    let at = 0
    const whole = chunk.length - (chunk.length % blockBytes)
    if (filled === 0 && whole > 0 && isAligned(chunk, blockBytes)) {
      await writeAt(file, chunk.subarray(0, whole), written)
      written += whole
      at = whole
    }
    while (at < chunk.length) {
      const part = chunk.subarray(at, at + slot.length - filled)
      slot.set(part, filled)
      filled += part.length
      at += part.length
      if (filled % blockBytes === 0) await flush(filled)
    }
  }
  const length = written + filled
  if (filled === 0) return
  const padded = Math.ceil(filled / blockBytes) * blockBytes
  slot.fill(0, filled, padded)
  await flush(padded)
  await file.truncate(length)
}
