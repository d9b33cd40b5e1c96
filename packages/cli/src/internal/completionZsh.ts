import { globalFlags } from "../commands/global.ts"
import type { Flag } from "../Flags.ts"
import { choicesOf, dashed, fileCommands, isFile, named, prefixes, valuedFlags } from "./completionTree.ts"
import { quote } from "./quote.ts"

/** A word and what it means, as `_describe` takes them: a colon parts the two. */
const described = (word: string, summary: string) => quote(`${word}:${summary.replaceAll(":", "\\:")}`)

const flagList = (flags: ReadonlyArray<Flag>) => flags.map(({ help, name }) => described(`--${name}`, help)).join(" ")

const values = (): ReadonlyArray<string> => {
  const chosen = valuedFlags.filter(({ name }) => choicesOf(name).length > 0)
  const files = valuedFlags.filter((flag) => isFile(flag) && !chosen.includes(flag))
  return [
    ...chosen.map(({ name }) => `    --${name}) compadd -- ${choicesOf(name).map(quote).join(" ")}; return ;;`),
    `    ${dashed(files).join("|")}) _files; return ;;`,
    "    --*) return 1 ;;"
  ]
}

const nexts = () =>
  prefixes().map(({ next, typed }) => {
    const words = next.map(({ summary, word }) => described(word, summary)).join(" ")
    return `    ${typed === "" ? "''" : quote(typed)}) next=(${words}) ;;`
  })

const flagLists = () =>
  named.map(({ command, name }) => `    ${quote(`${name} `)}*) flags=(${flagList(command.flags)} $flags) ;;`)

/** Works when it is sourced, with or without a `compinit` before, and from a folder of `fpath`. */
export const zshScript = (): string => `#compdef image-skill
_image_skill() {
  local -a typed next flags
  local word flag=""
  integer isValue=0
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if ((isValue)); then
      isValue=0
    else
      case "$word" in
        ${dashed(valuedFlags).join("|")}) isValue=1 ;;
        -*) ;;
        *) typed+=("$word") ;;
      esac
    fi
  done
  if ((isValue)); then
    flag="\${words[CURRENT-1]}"
  elif [[ "$PREFIX" == --*=* ]]; then
    flag="\${PREFIX%%=*}"
    compset -P '*='
  fi
  case "$flag" in
${values().join("\n")}
  esac
  if [[ "$PREFIX" == -* ]]; then
    flags=(${flagList(globalFlags)})
    case "\${(j: :)typed} " in
${flagLists().join("\n")}
    esac
    _describe -o flag flags
    return
  fi
  case "\${(j: :)typed}" in
${nexts().join("\n")}
    ${fileCommands.map(quote).join("|")}) _files; return ;;
  esac
  _describe command next
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
if [[ "$funcstack[1]" == _image_skill ]]; then
  _image_skill "$@"
else
  compdef _image_skill image-skill
fi
`
