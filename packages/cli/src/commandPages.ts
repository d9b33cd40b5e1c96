/** What the commands say of themselves as pages. Made from their declarations; loads nothing else. */
import { commands } from "./Cli.ts"
import { globalFlags } from "./commands/global.ts"
import type { Command, Flag } from "./Flags.ts"
import { publicCommands } from "./internal/publicCommands.ts"
import { skillText } from "./skillText.ts"

const flagLine = (flag: Flag): string => {
  const value = flag.valueName === null ? "" : ` ${flag.valueName}`
  const notes = [
    flag.help,
    ...(flag.required ? ["required"] : []),
    ...(flag.repeated ? ["may be repeated"] : []),
    ...(flag.choices.length > 0 ? [`one of ${flag.choices.join(", ")}`] : []),
    ...(flag.defaultText === null ? [] : [`default ${flag.defaultText}`]),
    ...(flag.environment === null ? [] : [`or \`${flag.environment}\``])
  ]
  return `- \`--${flag.name}${value}\` ${notes.join("; ")}`
}

const usage = ({ flags, name, positionals }: Command): string =>
  [
    `image-skill ${name}`,
    ...positionals.map((one) => (one.required ? one.name : `[${one.name}]`)),
    ...(flags.length === 0 ? [] : ["[flags]"])
  ].join(" ")

const paragraphs = (...parts: ReadonlyArray<string>): string => parts.filter((part) => part !== "").join("\n\n")

const fence = (lines: ReadonlyArray<string>): string =>
  lines.length === 0 ? "" : `\`\`\`text\n${lines.join("\n")}\n\`\`\``

const section = (command: Command): string =>
  paragraphs(
    `## ${command.name}`,
    `${command.summary}. \`${usage(command)}\``,
    command.description,
    command.positionals.map(({ help, name }) => `- \`${name}\` ${help}`).join("\n"),
    command.flags.map(flagLine).join("\n"),
    fence(command.examples)
  )

const head = (url: string | null): string =>
  url === null
    ? ""
    : `This house is ${url}: \`export IMAGE_SKILL_API_BASE_URL=${url}\`. It runs ${publicCommands.length} of these commands itself: \`POST ${url}/v1/cli\` with \`{"argv": ["models", "list"]}\`.`

/** Every command with its flags; for a house at `url`, or for nobody's in particular. */
export const commandsPage = (url: string | null): string =>
  `${paragraphs(
    "# Commands",
    "Every command prints one JSON document on stdout: always without a terminal, with `--json` on one. Flags may stand before or after a command's words, as `--flag value` or `--flag=value`.",
    head(url),
    "## Flags of every command",
    globalFlags.map(flagLine).join("\n"),
    ...commands.map(section)
  )}\n`

const llms = (url: string): string => `# Image Skill

> Create and edit images from the command line or over HTTP. Every price is known before it is spent; every answer is one JSON envelope with the next command to run.

## Begin

\`\`\`text
export IMAGE_SKILL_API_BASE_URL=${url}
image-skill signup --agent --agent-name my-agent --save --json
image-skill models overview --json
image-skill create --prompt "a lighthouse in a storm" --output lighthouse.png --brief --json
\`\`\`

## The envelope

stdout, and every answer of \`/v1\`, is \`{ok, command, trace_id, actor, data, warnings, error}\`. On failure read \`error.code\`, then run \`error.recovery.suggested_command\`; what only you know is named in \`error.recovery.missing_inputs\`. The header \`x-image-skill-exit-code\` is the exit code of the command.

## More

- [The agent skill](${url}/skill.md): one page, to keep
- [Every command](${url}/cli.md)
- [The HTTP reference](${url}/docs), and [its OpenAPI document](${url}/openapi.json)
- [Whether the house stands](${url}/healthz)
`

/** The pages of a house at a URL without a slash at its end. */
export const commandPages = {
  llms,
  skill: (url: string) => skillText({ apiBaseUrl: url }),
  commands: (url: string) => commandsPage(url)
} as const
