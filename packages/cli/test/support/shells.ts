import { execFileSync, spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"

/** What a shell offers after each line, the cursor at its end: whatever it prints for it. */
export type Offer = (script: string, folder: string, lines: ReadonlyArray<string>) => ReadonlyArray<string>

const mark = "=====8<====="
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const bySection = (text: string) => text.split(`${mark}\n`).slice(1)

const environment = (folder: string) => ({
  HOME: folder,
  PATH: process.env.PATH ?? "",
  TERM: "dumb",
  LC_ALL: "C.UTF-8"
})

const run = (shell: string, args: ReadonlyArray<string>, folder: string, input: string) =>
  execFileSync(shell, args, { encoding: "utf8", cwd: folder, env: environment(folder), input, timeout: 60_000 })

/** As readline cuts a line: at spaces, and "=" and ":" are words of their own. */
const pieces = (line: string): ReadonlyArray<string> => [
  ...(line.match(/"[^"]*"|[=:]+|[^\s=:"]+/g) ?? []),
  ...(/\s$/.test(line) ? [""] : [])
]

const inBash: Offer = (script, folder, lines) => {
  const asks = lines.map((line) => {
    const words = pieces(line)
    return [
      `COMP_WORDS=(${words.map(quoted).join(" ")}) COMP_CWORD=${words.length - 1}`,
      `COMP_LINE=${quoted(line)} COMP_POINT=${line.length}`,
      `echo '${mark}'; _image_skill; printf '%s\\n' "\${COMPREPLY[@]}"`
    ].join("\n")
  })
  return bySection(run("bash", ["--norc", "--noprofile"], folder, `${script}\n${asks.join("\n")}\n`))
}

const inFish: Offer = (script, folder, lines) => {
  const asks = lines.map((line) => `echo '${mark}'; complete -C ${quoted(line)}`)
  return bySection(run("fish", ["--no-config", "-c", `${script}\n${asks.join("\n")}`], folder, ""))
}

/** zsh completes at a terminal only: one is opened for it, and its screen is read until it is still. */
const inZsh: Offer = (script, folder, lines) => {
  const driver = `
zmodload zsh/zpty zsh/zselect
read_screen() {
  local part still=0
  REPLY=""
  while ((still < $1)); do
    if zpty -r -t z part; then REPLY+=$part; still=0; else zselect -t 5; ((still++)); fi
  done
}
zpty z "zsh -f -i"
zpty -w z ${quoted(`PROMPT=; LISTMAX=0; stty columns 200; bindkey '^I' list-choices; autoload -Uz compinit; compinit -u -d ${folder}/zcompdump; source ${folder}/image-skill.zsh; echo READY`)}
until [[ "$seen" == *$'\\n'READY* ]]; do read_screen 4; seen+="$REPLY"; done
for line in ${lines.map(quoted).join(" ")}; do
  zpty -n -w z "$line"$'\\t'
  read_screen 8
  print -r -- '${mark}'; print -r -- "$REPLY"
  zpty -n -w z $'\\x15'
  read_screen 3
done
`
  writeFileSync(`${folder}/image-skill.zsh`, script)
  return bySection(run("zsh", ["-f"], folder, driver)).map((screen) => screen.slice(screen.indexOf("\n") + 1))
}

const isThere = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0

/** Each shell, and whether this machine has it. */
export const shellsHere = {
  bash: { offer: inBash, isThere: isThere("bash") },
  fish: { offer: inFish, isThere: isThere("fish") },
  zsh: { offer: inZsh, isThere: isThere("zsh") }
} as const
