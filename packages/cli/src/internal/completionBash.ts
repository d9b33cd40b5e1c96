import { globalFlags } from "../commands/global.ts"
import { choicesOf, dashed, fileCommands, flagsOf, isFile, named, prefixes, valuedFlags } from "./completionTree.ts"

const values = (): ReadonlyArray<string> => {
  const chosen = valuedFlags.filter(({ name }) => choicesOf(name).length > 0)
  const files = valuedFlags.filter((flag) => isFile(flag) && !chosen.includes(flag))
  return [
    ...chosen.map(({ name }) => `    --${name}) offer="${choicesOf(name).join(" ")}" ;;`),
    `    ${dashed(files).join("|")}) files=yes ;;`
  ]
}

const nexts = () =>
  prefixes().map(({ next, typed }) => `      "${typed}") offer="${next.map(({ word }) => word).join(" ")}" ;;`)

const flagLists = () =>
  named.map(({ command, name }) => `        "${name} "*) offer="${dashed(flagsOf(command)).join(" ")}" ;;`)

/**
 * bash cuts words at "=" and ":" too, and replaces the last piece alone: the words are put together again by the line,
 * and what stands before that piece is taken off what is offered. It also runs in the bash 3.2 of macOS.
 */
export const bashScript = (): string => `_image_skill() {
  local line="\${COMP_LINE:0:COMP_POINT}" piece="\${COMP_WORDS[COMP_CWORD]}" part rest index
  local whole value lead prefix="" flag="" typed="" offer="" files=""
  local -a said=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    part="\${COMP_WORDS[index]}"
    rest="\${line#"\${line%%[![:space:]]*}"}"
    if ((\${#said[@]} > 0)) && [ "$rest" = "$line" ]; then
      said[\${#said[@]}-1]="\${said[\${#said[@]}-1]}$part"
    else
      said[\${#said[@]}]="$part"
    fi
    line="\${rest#"$part"}"
  done
  local last=$((\${#said[@]} - 1))
  whole="\${said[last]}" value="$whole"
  case "$piece" in
    =|:) lead="$whole" ;;
    *) lead="\${whole%"$piece"}" ;;
  esac
  for ((index = 1; index < last; index++)); do
    case "\${said[index]}" in
      ${dashed(valuedFlags).join("|")}) ((index++)) ;;
      -*) ;;
      *) typed="\${typed:+$typed }\${said[index]}" ;;
    esac
  done
  if ((index > last)) && ((last > 0)); then
    flag="\${said[last-1]}"
  else
    case "$whole" in
      --*=*) flag="\${whole%%=*}" value="\${whole#*=}" prefix="\${whole%%=*}=" ;;
    esac
  fi
  case "$flag" in
    "") case "$whole" in
      -*) case "$typed " in
${flagLists().join("\n")}
        *) offer="${dashed(globalFlags).join(" ")}" ;;
      esac ;;
      *) case "$typed" in
${nexts().join("\n")}
      ${fileCommands.map((name) => `"${name}"`).join("|")}) files=yes ;;
      esac ;;
    esac ;;
${values().join("\n")}
  esac
  COMPREPLY=($(compgen -P "$prefix" -W "$offer" -- "$value"))
  if [ -n "$files" ]; then
    local IFS=$'\\n'
    COMPREPLY=($(compgen -P "$prefix" -f -- "$value"))
  fi
  if ((\${#COMPREPLY[@]} > 0)); then COMPREPLY=("\${COMPREPLY[@]#"$lead"}"); fi
}
complete -o filenames -F _image_skill image-skill
`
