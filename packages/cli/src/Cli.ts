import { doctor, help, version } from "./commands/about.ts"
import { usageQuota, whoami } from "./commands/account.ts"
import { activityList, activityShow } from "./commands/activity.ts"
import { assetsGet, assetsShow } from "./commands/assets.ts"
import { capabilitiesList, capabilitiesShow } from "./commands/capabilities.ts"
import { create } from "./commands/create.ts"
import { edit } from "./commands/edit.ts"
import { globalFlags } from "./commands/global.ts"
import { jobsShow, jobsWait } from "./commands/jobs.ts"
import { modelsList, modelsShow } from "./commands/models.ts"
import { upload } from "./commands/upload.ts"
import type { Command, Flag } from "./Flags.ts"

/** Commands that do their work in a program of `programs/`. */
export const working = [
  create,
  edit,
  upload,
  modelsList,
  modelsShow,
  capabilitiesList,
  capabilitiesShow,
  assetsShow,
  assetsGet,
  jobsShow,
  jobsWait,
  activityList,
  activityShow,
  whoami,
  usageQuota,
  doctor
] as const

export type WorkingCommand = (typeof working)[number]

/** Every command, in the order of help. */
export const commands: ReadonlyArray<Command> = [...working, help, version]

/** Commands of the contract that are not built yet, and the command to use meanwhile. */
export const notBuilt: ReadonlyArray<{ readonly name: string; readonly instead: string }> = [
  { name: "signup", instead: "image-skill whoami --json" },
  { name: "auth", instead: "image-skill whoami --json" },
  { name: "admin", instead: "image-skill whoami --json" },
  { name: "credits", instead: "image-skill usage quota --json" },
  { name: "feedback", instead: "image-skill activity list --json" },
  { name: "jobs list", instead: "image-skill activity list --json" },
  { name: "jobs cancel", instead: "image-skill activity list --json" },
  { name: "assets list", instead: "image-skill activity list --json" },
  { name: "assets delete", instead: "image-skill activity list --json" },
  { name: "serve", instead: "image-skill doctor --json" },
  { name: "skill", instead: "image-skill help --json" },
  { name: "completions", instead: "image-skill help --json" }
]

/** Every flag that any command knows, by name: what the tokeniser must know before it knows the command. */
export const declaredFlags: ReadonlyMap<string, Flag> = new Map(
  [...globalFlags, ...commands.flatMap((command) => command.flags)].map((flag) => [flag.name, flag])
)

/** The command that begins the words typed, and how many of them it takes; the longest name wins. */
export const findCommand = (
  words: ReadonlyArray<string>
): { readonly command: Command; readonly wordCount: number } | undefined => {
  const found = commands.flatMap((command) =>
    [command.name, ...command.aliases]
      .map((name) => name.split(" "))
      .filter((name) => name.every((word, index) => words[index] === word))
      .map((name) => ({ command, wordCount: name.length }))
  )
  return found.sort((a, b) => b.wordCount - a.wordCount)[0]
}
