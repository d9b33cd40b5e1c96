import { commands, notBuilt } from "../Cli.ts"
import { early, label, type Problem } from "../Envelope.ts"
import { nearest } from "./nearest.ts"
import { excerpt } from "./quote.ts"

const code = "PUBLIC_CLI_COMMAND_NOT_AVAILABLE"

/** A command by its name, with the arguments that it needs and we cannot guess. */
const suggestion = (name: string) => {
  const missing = (commands.find((command) => command.name === name)?.positionals ?? [])
    .filter(({ required }) => required)
    .map((positional) => positional.name)
  return {
    suggested_command: [label(name), ...missing, "--json"].join(" "),
    ...(missing.length === 0 ? {} : { missing_inputs: missing })
  }
}

const notBuiltYet = (words: ReadonlyArray<string>): Problem | undefined => {
  const later = notBuilt.find(({ name }) => words.slice(0, name.split(" ").length).join(" ") === name)
  return later === undefined
    ? undefined
    : early(code, `${label(later.name)} is not built yet; the nearest command that works is ${later.instead}`, {
        details: { received: later.name, reason: "not_built" },
        recovery: { suggested_command: later.instead }
      })
}

/** Words that begin a group (`models`, `assets`): its commands are what is allowed. */
const unknownInGroup = (words: ReadonlyArray<string>): Problem | undefined => {
  const names = commands.map(({ name }) => name).filter((name) => name.startsWith(`${words[0] ?? ""} `))
  const [first] = names
  if (first === undefined) return undefined
  const best = nearest(words.slice(0, 2).join(" "), names) ?? first
  const typed = words.slice(0, 2).join(" ")
  const what = words.length === 1 ? `${label(typed)} needs another word` : `unknown command ${excerpt(typed)}`
  return early(code, `${what}; allowed: ${names.map(label).join(", ")}`, {
    details: { received: typed.slice(0, 200), reason: "unknown" },
    recovery: { ...suggestion(best), suggested_commands: names.map(label) }
  })
}

/** The refusal of words that are no command: it names the nearest one that works. */
export const unknownCommand = (words: ReadonlyArray<string>): Problem => {
  const known = notBuiltYet(words) ?? unknownInGroup(words)
  if (known !== undefined) return known
  const typed = words.slice(0, 2).join(" ")
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases])
  const best = nearest(typed, names) ?? nearest(words[0] ?? "", names) ?? "help"
  return early(code, `unknown command ${excerpt(words[0] ?? "")}; the nearest is ${label(best)}`, {
    details: { received: typed.slice(0, 200), reason: "unknown" },
    recovery: suggestion(best)
  })
}
