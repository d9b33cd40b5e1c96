/** Edits between two words: insert, delete, replace, or swap two neighbours. */
const distance = (from: string, to: string): number => {
  let beforeLast: ReadonlyArray<number> = []
  let last: ReadonlyArray<number> = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current: Array<number> = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwap && row > 1 && column > 1 ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
        )
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** Longer than any name of ours: not worth comparing, and the comparison is quadratic. */
const lengthMax = 64

/** The candidate that a misspelt word most likely meant; undefined when none is close. */
export const nearest = (word: string, candidates: ReadonlyArray<string>): string | undefined => {
  if (word.length > lengthMax) return undefined
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate) }))
    .sort((a, b) => a.edits - b.edits)
  const [best] = ranked
  // A word that another begins with, such as --model-parameters, is near however much is missing.
  const begun = word.length > 2 ? candidates.find((candidate) => candidate.startsWith(word.toLowerCase())) : undefined
  if (best !== undefined && best.edits <= Math.max(2, Math.floor(best.candidate.length / 3))) return best.candidate
  return begun
}
