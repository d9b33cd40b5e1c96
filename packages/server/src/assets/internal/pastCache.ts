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

/** Writes the pieces one after another from `position` on; every one is of whole blocks. */
const writePieces = async (file: FileHandle, pieces: ReadonlyArray<Uint8Array>, position: number): Promise<void> => {
  let [left, at] = [pieces, position]
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left, at)
    at += bytesWritten
    left = left.flatMap((piece) => {
      const done = Math.min(piece.length, bytesWritten)
      bytesWritten -= done
      return done === piece.length ? [] : [piece.subarray(done)]
    })
  }
}

/**
 * Writes the chunks one after another by whole blocks, and cuts the file to their length. What begins at a block in
 * memory and in the file is written as it lies; the rest goes through the slot. Most images go out in one write.
 */
export const writeBlocks = async (file: FileHandle, chunks: ReadonlyArray<Uint8Array>, slot: Uint8Array) => {
  let pieces: Array<Uint8Array> = []
  let [written, pending, from, to] = [0, 0, 0, 0]
  /** Ends the part of the slot that is being filled. */
  const cut = () => {
    if (to > from) pieces.push(slot.subarray(from, to))
    pending += to - from
    from = to
  }
  const flush = async () => {
    cut()
    await writePieces(file, pieces, written)
    written += pending
    pieces = []
    pending = from = to = 0
  }
  for (const chunk of chunks) {
    let at = 0
    const whole = chunk.length - (chunk.length % blockBytes)
    if ((to - from) % blockBytes === 0 && whole > 0 && isAligned(chunk, blockBytes)) {
      cut()
      pieces.push(chunk.subarray(0, whole))
      pending += whole
      at = whole
    }
    while (at < chunk.length) {
      if (to === slot.length) await flush()
      const part = chunk.subarray(at, at + slot.length - to)
      slot.set(part, to)
      to += part.length
      at += part.length
    }
  }
  const rest = to % blockBytes
  const length = written + pending + to - from
  if (rest > 0) {
    slot.fill(0, to, to + blockBytes - rest)
    to += blockBytes - rest
  }
  await flush()
  if (written !== length) await file.truncate(length)
}
