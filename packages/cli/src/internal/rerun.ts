import { declaredFlags } from "../Cli.ts"
import type { Arguments } from "../Flags.ts"
import { commandLine } from "./quote.ts"

const flagWords = (name: string, value: string): ReadonlyArray<string> => {
  if (declaredFlags.get(name)?.kind === "boolean") return [`--${name}`]
  // After a space such a value would be read as a flag of its own.
  return value.startsWith("-") ? [`--${name}=${value}`] : [`--${name}`, value]
}

/** What to change in a command line: the values of a flag, or none to leave it out. */
export type Changes = Readonly<Record<string, ReadonlyArray<string>>>

/** The command as typed, with some flags changed, so that it can be pasted into a shell. */
export const rerun = (command: string, given: Arguments, changes: Changes): string => {
  const flags = new Map([...given.flags, ...Object.entries(changes)])
  const words = [...flags].flatMap(([name, values]) => values.flatMap((value) => flagWords(name, value)))
  const { positionals } = given
  const needsMark = positionals.some((word) => word.startsWith("-"))
  return commandLine([
    "image-skill",
    ...command.split(" "),
    ...(needsMark ? [] : positionals),
    ...words,
    ...(needsMark ? ["--", ...positionals] : [])
  ])
}
