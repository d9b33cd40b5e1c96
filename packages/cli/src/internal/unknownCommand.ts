import { commands } from "../Cli.ts"
import { label, type Problem, problemOf } from "../Envelope.ts"
import { nearest } from "./nearest.ts"
import { excerpt } from "./quote.ts"

const code = "PUBLIC_CLI_COMMAND_NOT_AVAILABLE"

/** A refusal of words that are no command, and what they were most likely meant to be. */
export interface UnknownCommand {
  readonly problem: Problem
  /** The command that stands for the first words typed, and for how many; null where none is near. */
  readonly meant: { readonly name: string; readonly wordCount: number } | null
}

/** Words that begin a group (`models`, `assets`): its commands are what is allowed. */
const unknownInGroup = (words: ReadonlyArray<string>): UnknownCommand | undefined => {
  const names = commands.map(({ name }) => name).filter((name) => name.startsWith(`${words[0] ?? ""} `))
  const [first] = names
  if (first === undefined) return undefined
  const typed = words.slice(0, 2).join(" ")
  const what = words.length === 1 ? `${label(typed)} needs another word` : `unknown command ${excerpt(typed)}`
  return {
    problem: problemOf(code, `${what}; allowed: ${names.map(label).join(", ")}`, {
      details: { received: typed.slice(0, 200), reason: "unknown" },
      recovery: { suggested_commands: names.map((name) => `${label(name)} --help`) }
    }),
    meant: { name: nearest(typed, names) ?? first, wordCount: Math.min(2, words.length) }
  }
}

/** The refusal of words that are no command: it names the nearest one that works. */
export const unknownCommand = (words: ReadonlyArray<string>): UnknownCommand => {
  const inGroup = unknownInGroup(words)
  if (inGroup !== undefined) return inGroup
  const typed = words.slice(0, 2).join(" ")
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases])
  const asPair = words.length > 1 ? nearest(typed, names) : undefined
  const best = asPair ?? nearest(words[0] ?? "", names)
  return {
    problem: problemOf(code, `unknown command ${excerpt(words[0] ?? "")}; the nearest is ${label(best ?? "help")}`, {
      details: { received: typed.slice(0, 200), reason: "unknown" },
      recovery: { suggested_command: label("help") }
    }),
    meant: best === undefined ? null : { name: best, wordCount: asPair === undefined ? 1 : 2 }
  }
}
