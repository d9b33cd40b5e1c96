import { parseArgs } from "node:util"
import { declaredFlags } from "../Cli.ts"
import type { Flag } from "../Flags.ts"

/** One flag as typed. `value` is undefined where none was given. */
export interface Typed {
  readonly name: string
  readonly typed: string
  readonly value: string | undefined
  /** Where it stands in argv. */
  readonly index: number
}

export interface Tokens {
  readonly flags: ReadonlyArray<Typed>
  readonly positionals: ReadonlyArray<{ readonly value: string; readonly index: number }>
  /** How many positionals stand before `--`: only they can be a command's words. */
  readonly wordsMax: number
  /** Flags whose value is missing: the next word is a flag of its own. */
  readonly valueless: ReadonlyArray<{ readonly typed: string; readonly next: string }>
}

const options = Object.fromEntries(
  [...declaredFlags.values()].map((flag): [string, { type: "boolean" | "string"; short?: string }] => [
    flag.name,
    { type: flag.kind === "boolean" ? "boolean" : "string", ...(flag.name === "help" ? { short: "h" } : {}) }
  ])
)

/** The declared flag that a word is, `-h` and `--name=value` included. */
const declaredIn = (word: string): Flag | undefined => {
  if (word === "-h") return declaredFlags.get("help")
  return word.startsWith("--") ? declaredFlags.get(word.slice(2).split("=", 1)[0] ?? "") : undefined
}

/** Splits argv into flags and other words, whatever the command is. Total, and keeps every value verbatim. */
export const tokenise = (argv: ReadonlyArray<string>): Tokens => {
  const flags: Array<Typed> = []
  const positionals: Array<{ value: string; index: number }> = []
  const valueless: Array<{ typed: string; next: string }> = []
  let wordsMax: number | undefined
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    const { index } = token
    if (token.kind === "positional") positionals.push({ value: token.value, index })
    else if (token.kind === "option-terminator") wordsMax = positionals.length
    else {
      const isInline = token.inlineValue === true
      const swallowed = token.value === undefined || isInline ? undefined : declaredIn(token.value)
      if (token.value !== undefined && !isInline && (swallowed !== undefined || token.value === "--")) {
        valueless.push({ typed: token.rawName, next: token.value })
        // `--prompt --help` asks for help, and `--prompt --json` still wants its refusal as JSON.
        if (swallowed?.kind === "boolean")
          flags.push({ name: swallowed.name, typed: token.value, value: undefined, index: index + 1 })
      } else flags.push({ name: token.name, typed: token.rawName, value: token.value, index })
    }
  }
  return { flags, positionals, wordsMax: wordsMax ?? positionals.length, valueless }
}

/** The words that may name a command. */
export const wordsOf = ({ positionals, wordsMax }: Tokens): ReadonlyArray<string> =>
  positionals.slice(0, wordsMax).map(({ value }) => value)
