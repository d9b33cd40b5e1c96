/** A stream of numbers that depends on its key alone. */
export interface Random {
  /** 0 (included) to 1 (excluded). */
  readonly next: () => number
  readonly between: (low: number, high: number) => number
  /** A whole number, both ends included. */
  readonly integer: (low: number, high: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(items: readonly [A, ...ReadonlyArray<A>]) => A
  /** A stream of its own for one part of a picture: what another part draws does not disturb it. */
  readonly fork: (name: string) => Random
}

/** 32 bits from a text; different salts give unrelated values. */
export const hashText = (text: string, salt = 0): number => {
  let hash = (2166136261 ^ Math.imul(salt + 1, 0x9e3779b1)) >>> 0
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

// sfc32 (Chris Doty-Humphrey, public domain): small, fast, and passes the usual batteries of tests.
const smallFastCounter = (key: string): (() => number) => {
  let a = hashText(key, 1) | 0
  let b = hashText(key, 2) | 0
  let c = hashText(key, 3) | 0
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4294967296
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

export const createRandom = (key: string): Random => {
  const next = smallFastCounter(key)
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    fork: (name) => createRandom(`${key}/${name}`)
  }
}
