/** Bytes from `first` to `last`, both of them included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

const single = /^bytes=(\d{0,15})-(\d{0,15})$/

/**
 * What a `range` header asks of so many bytes. Null: all of them, as for several ranges at once and for units that are
 * not bytes. `unsatisfiable`: there is no such byte.
 */
export const byteRange = (header: string | undefined, length: number): ByteRange | "unsatisfiable" | null => {
  const match = header === undefined ? null : single.exec(header.replace(/\s/g, ""))
  const [first = "", last = ""] = match?.slice(1) ?? []
  if (first === "" && last === "") return null
  if (first === "") {
    const count = Math.min(Number(last), length)
    return count === 0 ? "unsatisfiable" : { first: length - count, last: length - 1 }
  }
  if (last !== "" && Number(last) < Number(first)) return null
  if (Number(first) >= length) return "unsatisfiable"
  return { first: Number(first), last: last === "" ? length - 1 : Math.min(Number(last), length - 1) }
}
