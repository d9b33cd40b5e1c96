/** What a shell may offer, from the declared commands: what it offers is what the parser takes. */
import { commands, declaredFlags } from "../Cli.ts"
import { help } from "../commands/about.ts"
import { globalFlags } from "../commands/global.ts"
import { completions, shells } from "../commands/teaching.ts"
import type { Command, Flag } from "../Flags.ts"

interface Word {
  readonly word: string
  readonly summary: string
}

interface Prefix {
  /** The words typed so far, separated by a space. */
  readonly typed: string
  readonly next: ReadonlyArray<Word>
}

/** Every name of every command, the longest first: `models list` before `models`. */
export const named: ReadonlyArray<{ readonly name: string; readonly command: Command }> = commands
  .flatMap((command) => [command.name, ...command.aliases].map((name) => ({ name, command })))
  .sort((a, b) => b.name.length - a.name.length)

/** Words of a group are summed up by what follows them. */
const followers = (typed: string): string => {
  const words = named.flatMap(({ name }) =>
    name.startsWith(`${typed} `) ? name.slice(typed.length + 1).split(" ", 1) : []
  )
  return [...new Set(words)].sort().join(", ")
}

const commandWords = (): ReadonlyArray<Prefix> => {
  const next = new Map<string, Map<string, string>>()
  for (const { name } of named) {
    for (const [index, word] of name.split(" ").entries()) {
      const typed = name.split(" ").slice(0, index).join(" ")
      const whole = typed === "" ? word : `${typed} ${word}`
      const command = named.find((one) => one.name === whole && one.command.name === whole)?.command
      const known = next.get(typed) ?? new Map<string, string>()
      next.set(typed, known.set(word, command?.summary ?? followers(whole)))
    }
  }
  return [...next].map(([typed, words]) => ({ typed, next: [...words].map(([word, summary]) => ({ word, summary })) }))
}

/** Every way to begin a command's words, and the words that may follow it. */
export const prefixes = (): ReadonlyArray<Prefix> => {
  const words = commandWords()
  return [
    ...words,
    // Help takes the words of any command.
    ...words.map(({ next, typed }) => ({ typed: `${help.name} ${typed}`.trim(), next })),
    { typed: completions.name, next: shells.map((word) => ({ word, summary: `The completions of ${word}` })) }
  ]
}

const isFileName = (name: string) => /FILE|FOLDER|IMAGE/.test(name)

/** Flags with a value. */
export const valuedFlags: ReadonlyArray<Flag> = [...declaredFlags.values()].filter(({ kind }) => kind !== "boolean")

export const isFile = ({ valueName }: Flag) => isFileName(valueName ?? "")

/** Names of the commands whose arguments are files. */
export const fileCommands: ReadonlyArray<string> = named.flatMap(({ command, name }) =>
  command.positionals.some((positional) => isFileName(positional.name)) ? [name] : []
)

/** A name's choices are those of every command that has it: the shell need not know which one is meant. */
export const choicesOf = (name: string): ReadonlyArray<string> => [
  ...new Set(
    commands.flatMap(({ flags }) => flags.filter((flag) => flag.name === name).flatMap(({ choices }) => choices))
  )
]

export const dashed = (flags: ReadonlyArray<Flag>): ReadonlyArray<string> => flags.map(({ name }) => `--${name}`)

/** The flags of a command with those that all commands have. */
export const flagsOf = ({ flags }: Command): ReadonlyArray<Flag> => [...flags, ...globalFlags]
