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
 * Counts the bytes of bodies as they arrive, over all requests. A length that is only announced takes no room, so
 * whoever announces much and sends nothing keeps nobody out.
 */
export const makeBodyRoom = (bytesMax: number) => {
  let held = 0
  return {
    claim: (): BodyClaim => {
      let received = 0
      let own = 0
      return {
        take: (bytes) => {
          const more = Math.max(0, received + bytes - freeBytes) - own
          if (held + more > bytesMax) return false
          received += bytes
          held += more
          own += more
          return true
        },
        release: () => {
          held -= own
          own = 0
        }
      }
    }
  } as const
}
