import { parseArgs } from "node:util"
import type { Issue } from "@image-skill/core/kernel/Errors"
import { commands, declaredFlags, findCommand } from "./Cli.ts"
import { globalFlags } from "./commands/global.ts"
import { early, label, type Problem } from "./Envelope.ts"
import type { Arguments, Command, Flag } from "./Flags.ts"
import { nearest } from "./internal/nearest.ts"
import { excerpt } from "./internal/quote.ts"
import { unknownCommand } from "./internal/unknownCommand.ts"

/** What the words typed mean. */
export type Parsed = { readonly isJson: boolean } & (
  | { readonly kind: "run"; readonly command: Command; readonly given: Arguments }
  | { readonly kind: "help"; readonly command: Command | null }
  | { readonly kind: "version" }
  | { readonly kind: "refused"; readonly words: string; readonly problem: Problem }
)

/** One flag as typed. `value` is undefined where none was given. */
interface Typed {
  readonly name: string
  readonly typed: string
  readonly value: string | undefined
  readonly isInline: boolean
}

interface Tokens {
  readonly flags: ReadonlyArray<Typed>
  readonly positionals: ReadonlyArray<string>
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

const tokenise = (argv: ReadonlyArray<string>): Tokens => {
  const flags: Array<Typed> = []
  const positionals: Array<string> = []
  const valueless: Array<{ typed: string; next: string }> = []
  let wordsMax: number | undefined
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value)
    else if (token.kind === "option-terminator") wordsMax = positionals.length
    else {
      const isInline = token.inlineValue === true
      const swallowed = token.value === undefined || isInline ? undefined : declaredIn(token.value)
      if (token.value !== undefined && !isInline && (swallowed !== undefined || token.value === "--")) {
        valueless.push({ typed: token.rawName, next: token.value })
        // `--prompt --help` asks for help, and `--prompt --json` still wants its refusal as JSON.
        if (swallowed?.kind === "boolean")
          flags.push({ name: swallowed.name, typed: token.value, value: undefined, isInline: false })
      } else flags.push({ name: token.name, typed: token.rawName, value: token.value, isInline })
    }
  }
  return { flags, positionals, wordsMax: wordsMax ?? positionals.length, valueless }
}

const unknownFlag = ({ typed }: Typed, allowed: ReadonlyArray<Flag>, words: string): Issue => {
  const near = nearest(
    typed.replace(/^-+/, ""),
    allowed.map((flag) => flag.name)
  )
  const others = commands.filter(({ flags }) => flags.some((flag) => `--${flag.name}` === typed))
  const advice =
    others.length > 0
      ? `it belongs to ${others.map(({ name }) => label(name)).join(", ")}`
      : near === undefined
        ? `see ${label(words)} --help`
        : `did you mean --${near}?`
  return { path: typed, message: `unknown flag ${excerpt(typed)} for ${label(words)}; ${advice}` }
}

/** What is wrong with one flag as typed; the reading of its values is checked when all of them are known. */
const shapeIssue = (typed: Typed, allowed: ReadonlyArray<Flag>, words: string): Issue | undefined => {
  const flag = allowed.find(({ name }) => name === typed.name)
  if (flag === undefined) return unknownFlag(typed, allowed, words)
  const path = `--${flag.name}`
  if (flag.kind === "boolean") {
    return typed.value === undefined
      ? undefined
      : { path, message: `${path} takes no value; received ${excerpt(typed.value)}` }
  }
  return typed.value === undefined
    ? { path, message: `${path} needs a value: ${flag.valueName ?? "VALUE"}` }
    : undefined
}

const valuesByFlag = (flags: ReadonlyArray<Typed>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const values = new Map<string, ReadonlyArray<string>>()
  for (const { name, value } of flags) values.set(name, [...(values.get(name) ?? []), value ?? "true"])
  return values
}

const readingIssues = (allowed: ReadonlyArray<Flag>, values: ReadonlyMap<string, ReadonlyArray<string>>) =>
  allowed.flatMap((flag): ReadonlyArray<Issue> => {
    const given = values.get(flag.name) ?? []
    const path = `--${flag.name}`
    if (given.length > 1 && !flag.repeated)
      return [{ path, message: `${path} is given ${given.length} times; allowed: once` }]
    const reading = flag.read(given)
    return reading.ok ? [] : [{ path, message: `${path} ${reading.problem}` }]
  })

const positionalIssues = (command: Command, given: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  const missing = command.positionals.slice(given.length).filter(({ required }) => required)
  const empty = command.positionals.filter((_, index) => given[index] === "")
  const extra = given.slice(command.positionals.length)
  return [
    ...missing.map(({ name, help }) => ({ path: name, message: `${name} is missing: ${help}` })),
    ...empty.map(({ name }) => ({ path: name, message: `${name} must not be empty` })),
    ...extra.map((word) => ({
      path: word,
      message: `unexpected argument ${excerpt(word)}; ${label(command.name)} takes ${command.positionals.length === 0 ? "none" : command.positionals.map(({ name }) => name).join(" ")}`
    }))
  ]
}

const invalid = (words: string, issues: ReadonlyArray<Issue>): Problem => {
  const [first] = issues
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""
  return early("INVALID_ARGUMENTS", `${first?.message ?? "the arguments are invalid"}${more}`, {
    details: { issues: issues.map(({ path, message }) => ({ path, message })) },
    recovery: {
      suggested_command: words === "" ? "image-skill --help" : `${label(words)} --help`,
      fields: issues.map(({ path }) => path)
    }
  })
}

const helpFor = (words: ReadonlyArray<string>, isJson: boolean): Parsed => {
  if (words.length === 0) return { kind: "help", command: null, isJson }
  const found = findCommand(words)
  return found === undefined
    ? { kind: "refused", words: "help", problem: unknownCommand(words), isJson }
    : { kind: "help", command: found.command, isJson }
}

/** Reads the words after the program's name. Total: whatever is typed means one of the four kinds. */
export const parse = (argv: ReadonlyArray<string>): Parsed => {
  const tokens = tokenise(argv)
  const has = (name: string) => tokens.flags.some((flag) => flag.name === name)
  const isJson = has("json")
  const words = tokens.positionals.slice(0, tokens.wordsMax)
  const found = findCommand(words)
  const name = found?.command.name ?? ""
  const allowed = [...globalFlags, ...(found?.command.flags ?? [])]
  const refuse = (problem: Problem): Parsed => ({ kind: "refused", words: name, problem, isJson })

  if (has("help"))
    return helpFor(
      found === undefined && words[0] !== undefined ? words : (found?.command.name.split(" ") ?? []),
      isJson
    )
  const shapeIssues = [
    ...tokens.valueless.map(({ typed, next }) => ({
      path: typed,
      message: `${typed} needs a value, but ${next} follows; write ${typed}=${next} if that is the value`
    })),
    ...tokens.flags.flatMap(
      (flag) => shapeIssue(flag, found === undefined ? [...declaredFlags.values()] : allowed, name) ?? []
    )
  ]
  // With a flag misread, what counts as a command's word is a guess: the flag is what to mend first.
  if (shapeIssues.length > 0) return refuse(invalid(name, shapeIssues))
  if (has("version")) return { kind: "version", isJson }
  if (found === undefined) {
    if (words.length > 0) return refuse(unknownCommand(words))
    return tokens.positionals.length > 0
      ? refuse(invalid("", [{ path: "COMMAND", message: "a command is missing before --" }]))
      : { kind: "help", command: null, isJson }
  }
  const { command, wordCount } = found
  const rest = tokens.positionals.slice(wordCount)
  if (command.name === "help") return helpFor(rest, isJson)
  // `models shwo` and `models list` begin alike: a word after the bare group is a misspelt command, not an argument.
  const isGroup = command.name.startsWith(`${words[0] ?? ""} `) && wordCount === 1 && words.length > 1
  if (isGroup) return refuse(unknownCommand(words))
  const values = valuesByFlag(tokens.flags)
  const issues = [...readingIssues(allowed, values), ...positionalIssues(command, rest)]
  if (issues.length > 0) return refuse(invalid(command.name, issues))
  if (command.name === "version") return { kind: "version", isJson }
  return { kind: "run", command, given: { flags: values, positionals: rest }, isJson }
}
