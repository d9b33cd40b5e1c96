import { fromHex, type Rgb } from "./Colour.ts"
import {
  colourWords,
  faintPaletteWords,
  type MotifId,
  motifIds,
  motifWords,
  nightWords,
  paletteWords,
  type StyleId,
  sparseWords,
  styleIds,
  styleWords,
  type Weather,
  weatherWords
} from "./Lexicon.ts"
import {
  blendPalettes,
  nightfall,
  type Palette,
  type PaletteName,
  paletteOfColours,
  paletteOfHash,
  palettes,
  tintPalette
} from "./Palette.ts"
import { createRandom, hashText } from "./Random.ts"

/** What the words of a prompt ask for. */
export interface Reading {
  /** The prompt in one spelling: case, spaces and accents do not change the picture. */
  readonly normalized: string
  readonly motif: MotifId
  readonly style: StyleId
  readonly palette: Palette
  readonly night: boolean
  readonly sparse: boolean
  readonly weather: ReadonlySet<Weather>
  /** The words the lexicon knew, in the form it knows them, in the order of the prompt. */
  readonly matchedWords: ReadonlyArray<string>
}

const normalize = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/[^\p{L}\p{N}\p{S}]+/gu, " ")
    .trim()

const index = <Key extends string>(lists: ReadonlyArray<readonly [Key, ReadonlyArray<string>]>) => {
  const found = new Map<string, Array<Key>>()
  for (const [key, words] of lists) {
    for (const word of new Set(words)) found.set(word, [...(found.get(word) ?? []), key])
  }
  return found
}

const paletteNames = Object.keys(palettes).filter((name): name is PaletteName => name in palettes)
const weathers = ["fog", "rain", "snow", "clear"] as const

const motifIndex = index(motifIds.map((id) => [id, motifWords[id]] as const))
const styleIndex = index(styleIds.map((id) => [id, styleWords[id]] as const))
const paletteIndex = index(paletteNames.map((name) => [name, paletteWords[name] ?? []] as const))
const weatherIndex = index(weathers.map((id) => [id, weatherWords[id]] as const))

const known = (word: string): boolean =>
  motifIndex.has(word) ||
  styleIndex.has(word) ||
  paletteIndex.has(word) ||
  weatherIndex.has(word) ||
  colourWords.has(word) ||
  nightWords.has(word) ||
  sparseWords.has(word)

const endings: ReadonlyArray<readonly [ending: string, instead: string]> = [
  ["ies", "y"],
  ["ves", "f"],
  ["es", ""],
  ["s", ""],
  ["x", ""],
  ["en", ""],
  ["er", ""],
  ["ern", ""],
  ["n", ""],
  ["e", ""],
  ["i", "o"],
  ["i", "e"],
  ["e", "a"],
  ["a", "o"],
  ["as", "o"],
  ["ish", ""],
  ["y", ""]
]

/** The lexicon's form of a word: itself, or its singular by the endings of the languages we know. */
export const knownForm = (word: string): string | undefined => {
  if (known(word)) return word
  for (const [ending, instead] of endings) {
    if (!word.endsWith(ending) || word.length - ending.length < 3) continue
    const form = word.slice(0, -ending.length) + instead
    if (known(form)) return form
  }
  return undefined
}

const wordsLongest = 3

/** Finds known words and phrases, the longest first, each part of the text used once. */
const findWords = (normalized: string): ReadonlyArray<string> => {
  const tokens = normalized === "" ? [] : normalized.split(" ")
  const matched: Array<string> = []
  for (let start = 0; start < tokens.length; ) {
    let used = 1
    for (let length = Math.min(wordsLongest, tokens.length - start); length > 0; length--) {
      const form = knownForm(tokens.slice(start, start + length).join(" "))
      if (form === undefined) continue
      matched.push(form)
      used = length
      break
    }
    start += used
  }
  return matched
}

type Scores<Key extends string> = ReadonlyArray<readonly [key: Key, score: number]>

/** Adds up what the words speak for; earlier words count a little more. Best first, ties by name. */
const score = <Key extends string>(
  words: ReadonlyArray<string>,
  lookup: ReadonlyMap<string, ReadonlyArray<Key>>,
  weigh: (word: string, key: Key) => number
): Scores<Key> => {
  const scores = new Map<Key, number>()
  words.forEach((word, position) => {
    const order = 1 - Math.min(position, 20) * 0.02
    for (const key of lookup.get(word) ?? []) scores.set(key, (scores.get(key) ?? 0) + weigh(word, key) * order)
  })
  return [...scores].sort(([one, oneScore], [other, otherScore]) => otherScore - oneScore || (one < other ? -1 : 1))
}

/** The light of an hour or a season colours whatever it falls on: it counts more than the thing itself. */
const rulingPalettes: ReadonlySet<PaletteName> = new Set([
  "sunset",
  "dawn",
  "night",
  "autumn",
  "neon",
  "mono",
  "pastel"
])

const paletteWeight = (word: string, palette: PaletteName): number =>
  (faintPaletteWords.has(word) ? 0.35 : 1) * (rulingPalettes.has(palette) ? 1.6 : 1)

const choosePalette = (normalized: string, seed: number, words: ReadonlyArray<string>, night: boolean): Palette => {
  const [best, second] = score(words, paletteIndex, paletteWeight)
  const colours = words.flatMap((word): ReadonlyArray<Rgb> => {
    const hex = colourWords.get(word)
    return hex === undefined ? [] : [fromHex(hex)]
  })
  const [firstColour, ...otherColours] = colours
  if (best === undefined) {
    if (firstColour !== undefined)
      return { name: "colour words", tones: paletteOfColours([firstColour, ...otherColours]) }
    return paletteOfHash(hashText(`palette ${normalized}`), createRandom(`palette/${normalized}/${seed}`))
  }
  let tones = palettes[best[0]]
  if (second !== undefined) tones = blendPalettes(tones, palettes[second[0]], 0.28 * Math.min(1, second[1] / best[1]))
  if (firstColour !== undefined) tones = tintPalette(tones, paletteOfColours([firstColour, ...otherColours]), 0.75)
  const alreadyDark: ReadonlyArray<string> = ["night", "neon", "space", "mono", "fire"]
  if (night && !alreadyDark.includes(best[0])) tones = blendPalettes(nightfall(tones), palettes.night, 0.45)
  return { name: best[0], tones }
}

/** Motifs that carry a picture by themselves when no word says what to draw. */
const motifsOfUnknown = ["abstract", "paper", "flow", "abstract", "bauhaus", "crystal", "abstract"] as const

export const readPrompt = (prompt: string, seed: number): Reading => {
  const normalized = normalize(prompt)
  const words = findWords(normalized)
  const night = words.some((word) => nightWords.has(word))
  const [motif] = score(words, motifIndex, (word) =>
    word === "moon" || word === "star" || word === "poster" ? 0.5 : 1
  )
  const [style] = score(words, styleIndex, () => 1)
  const hash = hashText(`motif ${normalized}`)
  const fallback = motifsOfUnknown[hash % motifsOfUnknown.length] ?? "abstract"
  const scenic: MotifId = words.some((word) => weatherIndex.has(word) || paletteIndex.has(word))
    ? "mountains"
    : fallback
  return {
    normalized,
    motif: motif?.[0] ?? scenic,
    style: style?.[0] ?? "natural",
    palette: choosePalette(normalized, seed, words, night),
    night,
    sparse: words.some((word) => sparseWords.has(word)),
    weather: new Set(words.flatMap((word) => weatherIndex.get(word) ?? [])),
    matchedWords: [...new Set(words)]
  }
}
