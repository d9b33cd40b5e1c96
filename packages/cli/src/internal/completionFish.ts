import { globalFlags } from "../commands/global.ts"
import type { Command, Flag } from "../Flags.ts"
import { choicesOf, dashed, fileCommands, isFile, named, prefixes, valuedFlags } from "./completionTree.ts"

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

const when = (test: string, typed: string) => ` -n ${fishText(`${test} ${fishText(typed)}`)}`

const flagsOf = (command: Command, name: string) =>
  command.flags.map((flag) => fishFlag(when("__image_skill_begins", name), flag))

export const fishScript = (): string => `function __image_skill_typed
  set -l words
  set -l skipping 0
  for token in (commandline -opc)[2..-1]
    if test $skipping -eq 1
      set skipping 0
    else if contains -- $token ${dashed(valuedFlags).join(" ")}
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
        `complete -c image-skill${when("__image_skill_is", typed)} -a ${word} -d ${fishText(summary)}`
    )
  )
  .join("\n")}
${fileCommands.map((name) => `complete -c image-skill${when("__image_skill_is", name)} -F`).join("\n")}
${named.flatMap(({ command, name }) => flagsOf(command, name)).join("\n")}
`
