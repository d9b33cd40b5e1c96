/** What no types of Node declare. Its memory begins at a page, which nothing else promises. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
}

const wasmPageBytes = 64 * 1024
const known = new WeakSet<ArrayBuffer>()

/** Memory that begins at a page, as writes past the page cache need it; any memory where there is no room for such. */
export const pagesOf = (bytes: number): ArrayBuffer => {
  try {
    const { buffer } = new WebAssembly.Memory({ initial: Math.ceil(bytes / wasmPageBytes) })
    known.add(buffer)
    return buffer
  } catch {
    // Each takes gigabytes of addresses, which a limit on them may refuse.
    return new ArrayBuffer(bytes)
  }
}

/** Whether these bytes begin at a multiple of `blockBytes`. */
export const isAligned = ({ buffer, byteOffset }: Uint8Array, blockBytes: number): boolean =>
  buffer instanceof ArrayBuffer && known.has(buffer) && byteOffset % blockBytes === 0
