import { doctor, help, version } from "./commands/about.ts"
import { usageQuota, whoami } from "./commands/account.ts"
import { activityList, activityShow } from "./commands/activity.ts"
import { adminCommands } from "./commands/admin.ts"
import { assetsDelete, assetsGet, assetsList, assetsShow } from "./commands/assets.ts"
import { authLogout, authSave, authStatus } from "./commands/auth.ts"
import { capabilitiesList, capabilitiesShow } from "./commands/capabilities.ts"
import { create } from "./commands/create.ts"
import {
  creditsBuy,
  creditsFakePurchase,
  creditsMethods,
  creditsPacks,
  creditsQuote,
  creditsStatus
} from "./commands/credits.ts"
import { edit } from "./commands/edit.ts"
import { feedbackCreate } from "./commands/feedback.ts"
import { globalFlags } from "./commands/global.ts"
import { jobsCancel, jobsList, jobsShow, jobsWait } from "./commands/jobs.ts"
import { modelsFind, modelsList, modelsOverview, modelsShow } from "./commands/models.ts"
import { serve } from "./commands/serve.ts"
import { signup } from "./commands/signup.ts"
import { completions, skill } from "./commands/teaching.ts"
import { upload } from "./commands/upload.ts"
import type { Command, Flag } from "./Flags.ts"

/** Commands that do their work in a program of `programs/`. */
export const working = [
  create,
  edit,
  upload,
  modelsOverview,
  modelsFind,
  modelsList,
  modelsShow,
  capabilitiesList,
  capabilitiesShow,
  assetsList,
  assetsShow,
  assetsGet,
  assetsDelete,
  jobsList,
  jobsShow,
  jobsWait,
  jobsCancel,
  activityList,
  activityShow,
  signup,
  authStatus,
  authSave,
  authLogout,
  whoami,
  usageQuota,
  creditsMethods,
  creditsPacks,
  creditsQuote,
  creditsBuy,
  creditsStatus,
  creditsFakePurchase,
  feedbackCreate,
  serve,
  ...adminCommands,
  doctor,
  skill,
  completions
] as const

export type WorkingCommand = (typeof working)[number]

/** Every command, in the order of help. */
export const commands: ReadonlyArray<Command> = [...working, help, version]

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
