/** Chance from a seed: the same seed, the same choices, on every machine. */
export interface Chance {
  /** From 0 (included) to 1 (not). */
  readonly fraction: () => number
  /** From 0 to below `limit`. */
  readonly below: (limit: number) => number
  readonly happens: (probability: number) => boolean
  readonly pick: <A>(list: readonly [A, ...ReadonlyArray<A>]) => A
  /** One of a list that may be empty. */
  readonly pickAny: <A>(list: ReadonlyArray<A>) => A | undefined
}

/** Streams of one seed that differ in `stream` know nothing of each other: one more choice in one moves no other. */
export const makeChance = (seed: number, stream: number): Chance => {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)) >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(fraction() * limit)
  return {
    fraction,
    below,
    happens: (probability) => fraction() < probability,
    pick: (list) => list[below(list.length)] ?? list[0],
    pickAny: (list) => list[below(list.length)]
  }
}
