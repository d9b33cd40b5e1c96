/** Command lines that were refused, mended: what was typed stays, what was misspelt is put right. */
import { findCommand } from "../Cli.ts"
import type { Command, Flag } from "../Flags.ts"
import { nearFlag, ownersOf } from "./argumentIssues.ts"
import { type Tokens, tokenise, wordsOf } from "./tokens.ts"

/** A command line to suggest, once it is known to parse, and the values in it that only the user knows. */
export interface Mend {
  readonly argv: ReadonlyArray<string>
  readonly missing: ReadonlyArray<string>
}

/** Names for what the command needs and was not given. */
const placeholders = (command: Command, givenCount: number, given: ReadonlySet<string>): Mend => {
  const positionals = command.positionals
    .slice(givenCount)
    .filter(({ required }) => required)
    .map(({ name }) => name)
  const flags = [...command.flags.filter(({ required }) => required).map((flag) => [flag]), ...command.needs].flatMap(
    (group) => (group.some(({ name }) => given.has(name)) ? [] : group.slice(0, 1))
  )
  const valueName = (flag: Flag) => flag.valueName ?? "VALUE"
  return {
    argv: [...positionals, ...flags.flatMap((flag) => [`--${flag.name}`, valueName(flag)])],
    missing: [...positionals, ...flags.map(valueName)]
  }
}

/** The command line with a name in place of each value that is still missing. */
export const completed = (argv: ReadonlyArray<string>): Mend => {
  const tokens = tokenise(argv)
  const found = findCommand(wordsOf(tokens))
  if (found === undefined || tokens.flags.some(({ name }) => name === "help")) return { argv, missing: [] }
  const given = new Set(tokens.flags.map(({ name }) => name))
  const added = placeholders(found.command, tokens.positionals.length - found.wordCount, given)
  return { argv: [...argv, ...added.argv], missing: added.missing }
}

/** A prompt or a file typed without its flag: the words after a command that takes none, behind the flag it needs. */
export const withNeededFlag = (argv: ReadonlyArray<string>, tokens: Tokens): ReadonlyArray<string> => {
  const found = findCommand(wordsOf(tokens))
  const [flag, ...others] = found?.command.needs[0] ?? []
  if (found === undefined || flag === undefined || found.command.positionals.length > 0) return argv
  const words = tokens.positionals.slice(found.wordCount)
  const isGiven = tokens.flags.some(({ name }) => [flag, ...others].some((one) => one.name === name))
  // Only a text may be several words.
  if (isGiven || words.length === 0 || (words.length > 1 && flag.valueName !== "TEXT")) return argv
  const value = words.map((word) => word.value).join(" ")
  const rest = argv.filter((word, index) => word !== "--" && !words.some((one) => one.index === index))
  return [...rest, ...(value.startsWith("-") ? [`--${flag.name}=${value}`] : [`--${flag.name}`, value])]
}

/** The command line with other words from the one at `from` on. */
export const withWords = (
  argv: ReadonlyArray<string>,
  tokens: Tokens,
  from: number,
  meant: { readonly name: string; readonly wordCount: number }
): ReadonlyArray<string> => {
  const [first, ...others] = tokens.positionals.slice(from, from + meant.wordCount).map(({ index }) => index)
  return argv.flatMap((word, index) => {
    if (index === first) return meant.name.split(" ")
    return others.includes(index) ? [] : [word]
  })
}

/** The command line with every misspelt flag spelled as the nearest that the command knows. */
export const withNearFlags = (
  argv: ReadonlyArray<string>,
  tokens: Tokens,
  allowed: ReadonlyArray<Flag>
): ReadonlyArray<string> => {
  const mended = new Map(
    tokens.flags
      .filter((flag) => !allowed.some(({ name }) => name === flag.name) && ownersOf(flag).length === 0)
      .flatMap((flag) => {
        const near = nearFlag(flag, allowed)
        return near === undefined ? [] : [[flag.index, { typed: flag.typed, near }] as const]
      })
  )
  return argv.map((word, index) => {
    const one = mended.get(index)
    return one?.typed !== undefined && word.startsWith(one.typed)
      ? `--${one.near}${word.slice(one.typed.length)}`
      : word
  })
}
