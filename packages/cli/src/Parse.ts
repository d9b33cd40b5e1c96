import type { Issue } from "@image-skill/core/kernel/Errors"
import { declaredFlags, findCommand } from "./Cli.ts"
import { globalFlags } from "./commands/global.ts"
import { label, type Problem, problemOf } from "./Envelope.ts"
import type { Arguments, Command } from "./Flags.ts"
import { commandsOf, type HelpTopic } from "./Help.ts"
import { positionalIssues, readingIssues, shapeIssues } from "./internal/argumentIssues.ts"
import { type ContextFlag, contextFlags } from "./internal/context.ts"
import { completed, type Mend, withNearFlags, withNeededFlag, withWords } from "./internal/mend.ts"
import { commandLine } from "./internal/quote.ts"
import { type Tokens, type Typed, tokenise, wordsOf } from "./internal/tokens.ts"
import { type UnknownCommand, unknownCommand } from "./internal/unknownCommand.ts"

type Understood = { readonly isJson: boolean } & (
  | { readonly kind: "run"; readonly command: Command; readonly given: Arguments }
  | ({ readonly kind: "help" } & HelpTopic)
  | { readonly kind: "version" }
)

interface Refused {
  readonly isJson: boolean
  readonly kind: "refused"
  readonly words: string
  readonly problem: Problem
}

/** What the words typed mean. `context` is what they say of where the command is to act. */
export type Parsed = (Understood | Refused) & { readonly context: ReadonlyArray<ContextFlag> }

/** A first reading: a refusal comes with command lines that may be what was meant, the likeliest first. */
type Reading = Understood | (Refused & { readonly mends: ReadonlyArray<Mend> })

const valuesByFlag = (flags: ReadonlyArray<Typed>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const values = new Map<string, ReadonlyArray<string>>()
  for (const { name, value } of flags) values.set(name, [...(values.get(name) ?? []), value ?? "true"])
  return values
}

const requiredOf = (issues: ReadonlyArray<Issue>, command: Command | undefined): ReadonlyArray<string> =>
  (command?.flags ?? [])
    .filter(({ required, name }) => required && issues.some(({ path }) => path === `--${name}`))
    .map(({ name }) => `--${name}`)

const invalid = (words: string, issues: ReadonlyArray<Issue>, command?: Command): Problem => {
  const [first] = issues
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""
  const [required, ...others] = requiredOf(issues, command)
  return problemOf("INVALID_ARGUMENTS", `${first?.message ?? "the arguments are invalid"}${more}`, {
    details: { issues: issues.map(({ path, message }) => ({ path, message })) },
    recovery: {
      suggested_command: words === "" ? "image-skill --help" : `${label(words)} --help`,
      ...(required === undefined ? {} : { required_flag: required }),
      ...(required === undefined || others.length === 0 ? {} : { required_flags: [required, ...others] }),
      fields: issues.map(({ path }) => path)
    }
  })
}

/** `from` words were understood; the ones after them name no command. */
const unknown = (
  argv: ReadonlyArray<string>,
  tokens: Tokens,
  from: number,
  { problem, meant }: UnknownCommand
): Pick<Extract<Reading, { kind: "refused" }>, "problem" | "mends"> => {
  if (meant === null) return { problem, mends: [] }
  const corrected = withWords(argv, tokens, from, meant)
  return {
    problem,
    mends: from > 0 ? [{ argv: corrected, missing: [] }] : [completed(corrected), completed(meant.name.split(" "))]
  }
}

/** Total: whatever is typed means something. */
const read = (argv: ReadonlyArray<string>): Reading => {
  const tokens = tokenise(argv)
  const has = (name: string) => tokens.flags.some((flag) => flag.name === name)
  const isJson = has("json")
  const words = wordsOf(tokens)
  const found = findCommand(words)
  const name = found?.command.name ?? ""
  const allowed = found === undefined ? [...declaredFlags.values()] : [...globalFlags, ...found.command.flags]
  const refuse = (problem: Problem, mends: ReadonlyArray<Mend> = []): Reading => ({
    ...{ kind: "refused", words: name, problem, mends, isJson }
  })
  const help = (from: number, wanted: ReadonlyArray<string>): Reading => {
    const group = wanted.join(" ")
    if (group === "" || commandsOf(group).length > 1) return { kind: "help", command: null, group, isJson }
    const command = findCommand(wanted)?.command
    return command === undefined
      ? { kind: "refused", words: "help", isJson, ...unknown(argv, tokens, from, unknownCommand(wanted)) }
      : { kind: "help", command, group, isJson }
  }
  const refuseUnknown = (why: UnknownCommand) => {
    const { problem, mends } = unknown(argv, tokens, 0, why)
    return refuse(problem, mends)
  }

  if (has("help")) return help(0, words)
  const misshapen = shapeIssues(tokens, allowed, name)
  // With a flag misread, what counts as a command's word is a guess: the flag is what to mend first.
  if (misshapen.length > 0) {
    return refuse(invalid(name, misshapen), [completed(withNearFlags(argv, tokens, allowed))])
  }
  if (has("version")) return { kind: "version", isJson }
  if (found === undefined) {
    if (words.length > 0) return refuseUnknown(unknownCommand(words))
    return tokens.positionals.length > 0
      ? refuse(invalid("", [{ path: "COMMAND", message: "a command is missing before --" }]))
      : { kind: "help", command: null, group: "", isJson }
  }
  const { command, wordCount } = found
  const rest = tokens.positionals.slice(wordCount).map(({ value }) => value)
  if (command.name === "help") return help(wordCount, rest)
  // `models shwo` and `models list` begin alike: a word after the bare group is a misspelt command, not an argument.
  const isGroup = command.name.startsWith(`${words[0] ?? ""} `) && wordCount === 1 && words.length > 1
  if (isGroup) return refuseUnknown(unknownCommand(words))
  const values = valuesByFlag(tokens.flags)
  const issues = [...readingIssues(allowed, values), ...positionalIssues(command, rest)]
  if (issues.length > 0)
    return refuse(invalid(command.name, issues, command), [completed(argv), completed(withNeededFlag(argv, tokens))])
  if (command.name === "version") return { kind: "version", isJson }
  return { kind: "run", command, given: { flags: values, positionals: rest }, isJson }
}

/** The refusal with the first mend that parses as its suggested command. */
const suggesting = ({ problem, mends, ...refused }: Extract<Reading, { kind: "refused" }>): Refused => {
  const mend = mends.find(({ argv }) => read(argv).kind !== "refused")
  if (mend === undefined) return { ...refused, problem }
  const recovery = {
    ...problem.recovery,
    suggested_command: commandLine(["image-skill", ...mend.argv]),
    ...(mend.missing.length === 0 ? {} : { missing_inputs: mend.missing })
  }
  return { ...refused, problem: { ...problem, recovery } }
}

const contextOf = (argv: ReadonlyArray<string>): ReadonlyArray<ContextFlag> => {
  const { flags } = tokenise(argv)
  return contextFlags.flatMap((name) => flags.filter((flag) => flag.name === name).slice(-1))
}

/** Reads the words after the program's name. Total: whatever is typed means one of the four kinds. */
export const parse = (argv: ReadonlyArray<string>): Parsed => {
  const reading = read(argv)
  return { ...(reading.kind === "refused" ? suggesting(reading) : reading), context: contextOf(argv) }
}
