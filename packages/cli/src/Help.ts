import type { JsonObject } from "@image-skill/core/kernel/Json"
import { commands } from "./Cli.ts"
import { globalFlags } from "./commands/global.ts"
import type { Command, Flag } from "./Flags.ts"

const usage = (command: Command): string =>
  [
    `image-skill ${command.name}`,
    ...command.positionals.map(({ name, required }) => (required ? name : `[${name}]`)),
    ...(command.flags.length > 0 ? ["[flags]"] : [])
  ].join(" ")

const flagHead = (flag: Flag): string => `--${flag.name}${flag.valueName === null ? "" : ` ${flag.valueName}`}`

const flagNotes = (flag: Flag): string =>
  [
    flag.help,
    flag.required ? "required" : "",
    flag.repeated ? "may be repeated" : "",
    flag.choices.length > 0 ? `one of ${flag.choices.join(", ")}` : "",
    flag.defaultText === null ? "" : `default ${flag.defaultText}`,
    flag.environment === null ? "" : `or ${flag.environment}`
  ]
    .filter((note) => note !== "")
    .join("; ")

const rows = (pairs: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.min(30, Math.max(0, ...pairs.map(([head]) => head.length)))
  const line = ([head, tail]: readonly [string, string]) =>
    head.length > width ? `  ${head}\n  ${" ".repeat(width)}  ${tail}` : `  ${head.padEnd(width)}  ${tail}`
  return pairs.map(line).join("\n")
}

const flagRows = (flags: ReadonlyArray<Flag>) => rows(flags.map((flag) => [flagHead(flag), flagNotes(flag)]))

const section = (title: string, body: string) => (body === "" ? "" : `${title}\n${body}\n`)

const commandText = (command: Command): string =>
  [
    `${command.summary}.\n`,
    section("Examples", command.examples.map((example) => `  ${example}`).join("\n")),
    section("Usage", `  ${usage(command)}`),
    command.description === "" ? "" : `${command.description}\n`,
    section("Arguments", rows(command.positionals.map(({ name, help }) => [name, help]))),
    section("Flags", flagRows(command.flags)),
    section("Flags of every command", flagRows(globalFlags))
  ]
    .filter((part) => part !== "")
    .join("\n")

/** The commands that a phrase begins: all of them for the empty one. */
export const commandsOf = (group: string): ReadonlyArray<Command> =>
  commands.filter(({ name }) => group === "" || name.startsWith(`${group} `))

const examplesOfTree = () =>
  commands
    .filter(({ name }) => name === "create" || name === "edit")
    .map(({ examples }) => `  ${examples[0] ?? ""}`)
    .join("\n")

const aloneText = (group: string): string => {
  const meant = commands.find(({ aliases }) => aliases.includes(group))
  return meant === undefined ? "" : `image-skill ${group} alone is image-skill ${meant.name}.\n`
}

const listText = (group: string): string =>
  [
    group === "" ? "Create and edit images; every cent is known before it is spent.\n" : "",
    section("Examples", group === "" ? examplesOfTree() : ""),
    section("Commands", rows(commandsOf(group).map(({ name, summary }) => [name, summary]))),
    aloneText(group),
    section("Flags of every command", flagRows(globalFlags)),
    `More about one: image-skill help ${commandsOf(group)[0]?.name ?? ""}\n`
  ]
    .filter((part) => part !== "")
    .join("\n")

/** What help is asked for: one command, or the commands that a phrase such as `models` begins (the empty one: all). */
export interface HelpTopic {
  readonly command: Command | null
  readonly group: string
}

/** Help as people read it: examples first. */
export const helpText = ({ command, group }: HelpTopic): string =>
  command === null ? listText(group) : commandText(command)

const flagJson = (flag: Flag): JsonObject => ({
  flag: `--${flag.name}`,
  kind: flag.kind,
  value_name: flag.valueName,
  repeated: flag.repeated,
  required: flag.required,
  choices: flag.choices,
  default: flag.defaultText,
  environment: flag.environment,
  help: flag.help
})

const commandJson = (command: Command): JsonObject => ({
  command: `image-skill ${command.name}`,
  aliases: command.aliases.map((alias) => `image-skill ${alias}`),
  summary: command.summary,
  description: command.description,
  usage: usage(command),
  arguments: command.positionals.map(({ name, required, help }) => ({ name, required, help })),
  flags: command.flags.map(flagJson),
  examples: command.examples
})

const rowJson = ({ name, summary }: Command): JsonObject => ({ command: `image-skill ${name}`, summary })

/** Help for machines: the same text, and the declarations that it was made from; of many commands, a row for each. */
export const helpData = (topic: HelpTopic): JsonObject => ({
  help: helpText(topic),
  commands: topic.command === null ? commandsOf(topic.group).map(rowJson) : [commandJson(topic.command)],
  global_flags: globalFlags.map(flagJson)
})
