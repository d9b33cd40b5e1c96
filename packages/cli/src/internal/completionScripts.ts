/** Shell completions, made from the declared commands: what a shell offers is what the parser takes. */
import { commands, declaredFlags } from "../Cli.ts"
import { globalFlags } from "../commands/global.ts"
import type { Command, Flag } from "../Flags.ts"

interface Prefix {
  /** The words typed so far, separated by a space. */
  readonly typed: string
  readonly next: ReadonlyArray<{ readonly word: string; readonly summary: string }>
}

const named = commands.flatMap((command) => [command.name, ...command.aliases].map((name) => ({ name, command })))

/** Every way to begin a command's words, and the words that may follow it. */
const prefixes = (): ReadonlyArray<Prefix> => {
  const next = new Map<string, Map<string, string>>()
  for (const { name, command } of named) {
    const words = name.split(" ")
    for (const [index, word] of words.entries()) {
      const typed = words.slice(0, index).join(" ")
      const known = next.get(typed) ?? new Map<string, string>()
      const summary = index === words.length - 1 ? command.summary : `${word} …`
      next.set(typed, known.set(word, known.get(word) ?? summary))
    }
  }
  return [...next].map(([typed, words]) => ({ typed, next: [...words].map(([word, summary]) => ({ word, summary })) }))
}

const isFile = ({ valueName }: Flag) => /FILE|FOLDER|IMAGE/.test(valueName ?? "")

const allFlags: ReadonlyArray<Flag> = [...declaredFlags.values()]

/** A name's choices are those of every command that has it: the shell need not know which one is meant. */
const choicesOf = (name: string): ReadonlyArray<string> => [
  ...new Set(
    commands.flatMap(({ flags }) => flags.filter((flag) => flag.name === name).flatMap(({ choices }) => choices))
  )
]

const dashed = (flags: ReadonlyArray<Flag>) => flags.map(({ name }) => `--${name}`)

/** The longest name first: `models list` before `models`. */
const byLength = [...named].sort((a, b) => b.name.length - a.name.length)

const bashValues = (): ReadonlyArray<string> =>
  allFlags
    .filter(({ kind }) => kind !== "boolean")
    .map((flag) => ({ flag, choices: choicesOf(flag.name) }))
    .filter(({ choices, flag }) => choices.length > 0 || isFile(flag))
    .map(({ choices, flag }) =>
      choices.length > 0
        ? `    --${flag.name}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`
        : `    --${flag.name}) COMPREPLY=($(compgen -f -- "$word")); return ;;`
    )

const bashFunction = (): string => {
  const values = allFlags.filter(({ kind }) => kind !== "boolean")
  const globals = dashed(globalFlags).join(" ")
  return `_image_skill() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" typed="" flags="${globals}" next="" index
  COMPREPLY=()
  case "$previous" in
${bashValues().join("\n")}
    ${dashed(values).join("|")}) return ;;
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      ${dashed(values).join("|")}) ((index++)) ;;
      -*|=) ;;
      *) typed="$typed\${COMP_WORDS[index]} " ;;
    esac
  done
  case "$typed" in
${prefixes()
  .map(
    ({ next, typed }) => `    "${typed === "" ? "" : `${typed} `}") next="${next.map(({ word }) => word).join(" ")}" ;;`
  )
  .join("\n")}
  esac
  case "$typed" in
${byLength.map(({ command, name }) => `    "${name} "*) flags="${dashed(command.flags).join(" ")} $flags" ;;`).join("\n")}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$next" -- "$word")) ;;
  esac
  if [ "\${#COMPREPLY[@]}" -eq 0 ] && [ -z "$next" ]; then COMPREPLY=($(compgen -f -- "$word")); fi
}
`
}

const fishText = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const fishFlag = (condition: string, flag: Flag): string => {
  const choices = choicesOf(flag.name)
  const value =
    flag.kind === "boolean"
      ? ""
      : choices.length > 0
        ? ` -x -a ${fishText(choices.join(" "))}`
        : isFile(flag)
          ? " -r -F"
          : " -x"
  return `complete -c image-skill${condition} -l ${flag.name}${value} -d ${fishText(flag.help)}`
}

const fishScript = (): string => {
  const values = allFlags.filter(({ kind }) => kind !== "boolean")
  const of = (command: Command, name: string) =>
    command.flags.map((flag) => fishFlag(` -n ${fishText(`__image_skill_begins ${fishText(name)}`)}`, flag))
  return `function __image_skill_typed
  set -l words
  set -l skipping 0
  for token in (commandline -opc)[2..-1]
    if test $skipping -eq 1
      set skipping 0
    else if contains -- $token ${dashed(values).join(" ")}
      set skipping 1
    else if not string match -q -- '-*' $token
      set -a words $token
    end
  end
  string join ' ' -- $words
end
function __image_skill_is
  test (__image_skill_typed | string collect -a) = "$argv[1]"
end
function __image_skill_begins
  string match -q -- "$argv[1] *" (__image_skill_typed | string collect -a)" "
end
complete -c image-skill -f
${globalFlags.map((flag) => fishFlag("", flag)).join("\n")}
${prefixes()
  .flatMap(({ next, typed }) =>
    next.map(
      ({ summary, word }) =>
        `complete -c image-skill -n ${fishText(`__image_skill_is ${fishText(typed)}`)} -a ${word} -d ${fishText(summary)}`
    )
  )
  .join("\n")}
${named.flatMap(({ command, name }) => of(command, name)).join("\n")}
`
}

export interface Completions {
  readonly script: string
  /** How a shell takes a file with the script. */
  readonly loadCommand: (file: string) => string
}

/** zsh runs bash's function, by its own means for that. */
export const completionsOf: Readonly<Record<"bash" | "zsh" | "fish", () => Completions>> = {
  bash: () => ({
    script: `${bashFunction()}complete -o filenames -F _image_skill image-skill\n`,
    loadCommand: (file) => `source ${file}`
  }),
  zsh: () => ({
    script: `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashFunction()}complete -o filenames -F _image_skill image-skill\n`,
    loadCommand: (file) => `source ${file}`
  }),
  fish: () => ({ script: fishScript(), loadCommand: (file) => `source ${file}` })
}
