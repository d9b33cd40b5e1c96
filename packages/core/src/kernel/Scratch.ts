import { Context } from "effect"

/**
 * Memory for large bytes that live as long as one attempt: a reply, its images. What `take` gives may hold anything, and
 * is used again once the attempt's run has ended: whoever keeps the bytes for longer copies them.
 */
export class Scratch extends Context.Reference<Scratch>()("@image-skill/core/Scratch", {
  defaultValue: (): ScratchMemory => freshMemory
}) {}

export interface ScratchMemory {
  /** `size` bytes. */
  readonly take: (size: number) => Uint8Array<ArrayBuffer>
}

/** Where large memory comes from. A platform may have some that its files can be written from as it lies. */
export class LargeMemory extends Context.Reference<LargeMemory>()("@image-skill/core/LargeMemory", {
  defaultValue: (): { readonly allocate: (bytes: number) => ArrayBuffer } => ({
    allocate: (bytes) => new ArrayBuffer(bytes)
  })
}) {}

/** Outside of an attempt: the collector's. */
export const freshMemory: ScratchMemory = { take: (size) => new Uint8Array(size) }

/** What one attempt has taken. */
export interface ScratchLease extends ScratchMemory {
  /** Gives all of it back. Nobody may read or write it any more. */
  readonly release: () => void
}

/** Below this the collector's own allocation is as good. */
const pooledBytesMin = 128 * 1024
/** Sizes are rounded up to this, so that images of about one size share their memory. */
const grainBytes = 512 * 1024
const idleMost = 32

/**
 * Memory that is used again and again. Megabytes that are new for every image are what makes the collector run: it looks
 * through the whole heap each time that about 64 MB of them have come. What nobody uses is held weakly: it stays while
 * there is work and goes when the collector comes by.
 */
export const makeScratchPool = ({ allocate }: Context.Tag.Service<LargeMemory>) => {
  const idle: Array<WeakRef<ArrayBuffer>> = []

  const reused = (size: number): ArrayBuffer | undefined => {
    for (let at = idle.length - 1; at >= 0; at -= 1) {
      const memory = idle[at]?.deref()
      const fits = memory !== undefined && memory.byteLength >= size && memory.byteLength <= 2 * size
      if (memory === undefined || fits) idle.splice(at, 1)
      if (fits) return memory
    }
    return undefined
  }

  const lease = (): ScratchLease => {
    let taken: Array<ArrayBuffer> = []
    return {
      take: (size) => {
        if (size < pooledBytesMin) return freshMemory.take(size)
        const memory = reused(size) ?? allocate(Math.ceil(size / grainBytes) * grainBytes)
        taken.push(memory)
        return new Uint8Array(memory, 0, size)
      },
      release: () => {
        for (const memory of taken) if (idle.length < idleMost) idle.push(new WeakRef(memory))
        taken = []
      }
    }
  }
  return { lease } as const
}
export type ScratchPool = ReturnType<typeof makeScratchPool>
