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

const treeText = (): string =>
  [
    "Create and edit images; every cent is known before it is spent.\n",
    section(
      "Examples",
      commands
        .filter(({ name }) => name === "create" || name === "edit")
        .map(({ examples }) => `  ${examples[0] ?? ""}`)
        .join("\n")
    ),
    section("Commands", rows(commands.map(({ name, summary }) => [name, summary]))),
    section("Flags of every command", flagRows(globalFlags)),
    "More about one: image-skill help create\n"
  ].join("\n")

/** Help as people read it: examples first. Null for the whole tree. */
export const helpText = (command: Command | null): string => (command === null ? treeText() : commandText(command))

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

/** Help for machines: the same text, and the declarations that it was made from. */
export const helpData = (command: Command | null): JsonObject => ({
  help: helpText(command),
  commands: (command === null ? commands : [command]).map(commandJson),
  global_flags: globalFlags.map(flagJson)
})
