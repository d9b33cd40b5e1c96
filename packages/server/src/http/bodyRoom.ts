/** What one request holds of the room that the bodies of all share. */
export interface BodyClaim {
  /** Whether there was room for these bytes too. */
  readonly take: (bytes: number) => boolean
  /** Gives back what was taken, once. */
  readonly release: () => void
}

/** So many bytes of each body are free: what most calls send goes through when large bodies fill the room. */
const freeBytes = 64 * 1024

/**
 * Counts the bytes of bodies as they arrive, over all requests; one caller has half of the room at most. A length that is
 * only announced takes none, so whoever announces much and sends nothing keeps nobody out.
 */
export const makeBodyRoom = (bytesMax: number) => {
  let held = 0
  const heldOf = new Map<string, number>()
  const hold = (caller: string, bytes: number) => {
    held += bytes
    const now = (heldOf.get(caller) ?? 0) + bytes
    if (now === 0) heldOf.delete(caller)
    else heldOf.set(caller, now)
  }
  return {
    /** `callerOf` is asked with the first byte: who calls is known by then. */
    claim: (callerOf: () => string): BodyClaim => {
      let caller: string | undefined
      let received = 0
      let own = 0
      return {
        take: (bytes) => {
          caller ??= callerOf()
          const more = Math.max(0, received + bytes - freeBytes) - own
          if (held + more > bytesMax || (heldOf.get(caller) ?? 0) + more > bytesMax / 2) return false
          received += bytes
          own += more
          hold(caller, more)
          return true
        },
        release: () => {
          if (caller !== undefined) hold(caller, -own)
          own = 0
        }
      }
    }
  } as const
}
