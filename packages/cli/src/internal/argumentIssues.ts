/** What is wrong with what was typed after a command's words. */
import type { Issue } from "@image-skill/core/kernel/Errors"
import { commands } from "../Cli.ts"
import { label } from "../Envelope.ts"
import type { Command, Flag } from "../Flags.ts"
import { nearest } from "./nearest.ts"
import { excerpt } from "./quote.ts"
import type { Tokens, Typed } from "./tokens.ts"

/** What people mean by a letter that begins several flags of a command. */
const letters: Readonly<Record<string, string>> = { i: "input", m: "model", n: "output-count" }

/** The flag that a misspelt one was most likely meant to be; of a single letter, the first that it begins. */
export const nearFlag = ({ typed }: Typed, allowed: ReadonlyArray<Flag>): string | undefined => {
  const word = typed.replace(/^-+/, "").toLowerCase()
  const names = allowed.map(({ name }) => name)
  if (word.length !== 1) return nearest(word, names)
  return names.find((name) => name === letters[word]) ?? names.find((name) => name.startsWith(word))
}

/** Commands that know a flag by this very name. */
export const ownersOf = ({ typed }: Typed): ReadonlyArray<Command> =>
  commands.filter(({ flags }) => flags.some((flag) => `--${flag.name}` === typed))

const unknownFlag = (typed: Typed, allowed: ReadonlyArray<Flag>, words: string): Issue => {
  const near = nearFlag(typed, allowed)
  const others = ownersOf(typed)
  const advice =
    others.length > 0
      ? `it belongs to ${others.map(({ name }) => label(name)).join(", ")}`
      : near === undefined
        ? `see ${label(words)} --help`
        : `did you mean --${near}?`
  return { path: typed.typed, message: `unknown flag ${excerpt(typed.typed)} for ${label(words)}; ${advice}` }
}

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

/** Flags that are unknown, or have a value that they should not, or none; their readings come later. */
export const shapeIssues = (tokens: Tokens, allowed: ReadonlyArray<Flag>, words: string): ReadonlyArray<Issue> => [
  ...tokens.valueless.map(({ typed, next }) => ({
    path: typed,
    message: `${typed} needs a value, but ${next} follows; write ${typed}=${next} if that is the value`
  })),
  ...tokens.flags.flatMap((flag) => shapeIssue(flag, allowed, words) ?? [])
]

export const readingIssues = (allowed: ReadonlyArray<Flag>, values: ReadonlyMap<string, ReadonlyArray<string>>) =>
  allowed.flatMap((flag): ReadonlyArray<Issue> => {
    const given = values.get(flag.name) ?? []
    const path = `--${flag.name}`
    if (given.length > 1 && !flag.repeated)
      return [{ path, message: `${path} is given ${given.length} times; allowed: once` }]
    const reading = flag.read(given)
    return reading.ok ? [] : [{ path, message: `${path} ${reading.problem}` }]
  })

export const positionalIssues = (command: Command, given: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  const missing = command.positionals.slice(given.length).filter(({ required }) => required)
  const empty = command.positionals.filter((_, index) => given[index] === "")
  // A last argument with dots takes all the words that follow.
  const isOpen = command.positionals.at(-1)?.name.endsWith("...") === true
  const extra = isOpen ? [] : given.slice(command.positionals.length)
  return [
    ...missing.map(({ name, help }) => ({ path: name, message: `${name} is missing: ${help}` })),
    ...empty.map(({ name }) => ({ path: name, message: `${name} must not be empty` })),
    ...extra.map((word) => ({
      path: word,
      message: `unexpected argument ${excerpt(word)}; ${label(command.name)} takes ${command.positionals.length === 0 ? "none" : command.positionals.map(({ name }) => name).join(" ")}`
    }))
  ]
}
