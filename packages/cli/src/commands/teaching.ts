import { command, text } from "../Flags.ts"
import { overwrite } from "./request.ts"

export const shells = ["bash", "zsh", "fish"] as const

export const textOutput = text({ name: "output", valueName: "FILE", help: "Write the text here" })

export const skill = command({
  name: "skill",
  summary: "Print the agent skill: what an agent needs to know, on one page",
  description: "At a terminal it is plain text; elsewhere it is in `skill`, and --output writes it to a file.",
  flags: [textOutput, overwrite],
  examples: ["image-skill skill --output SKILL.md --json", "image-skill skill --json"]
})

export const completions = command({
  name: "completions",
  summary: "Print the completions of a shell",
  description:
    "At a terminal the script is plain text; elsewhere it is in `script`, and --output writes it to a file. `load_command` says how a shell of yours takes it.",
  positionals: [{ name: "SHELL", required: true, help: `One of ${shells.join(", ")}` }],
  flags: [textOutput, overwrite],
  examples: ["image-skill completions bash --output image-skill.bash --json", "image-skill completions fish --json"]
})
