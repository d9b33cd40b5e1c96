import type { WorkingCommand } from "./Cli.ts"
import type { Program } from "./Session.ts"

/** What each command does, loaded when it is the one that runs. */
export const programs: Record<WorkingCommand["name"], () => Promise<Program>> = {
  create: async () => (await import("./programs/create.ts")).create,
  edit: async () => (await import("./programs/edit.ts")).edit,
  upload: async () => (await import("./programs/upload.ts")).upload,
  "models list": async () => (await import("./programs/reading.ts")).modelsList,
  "models show": async () => (await import("./programs/reading.ts")).modelsShow,
  "capabilities list": async () => (await import("./programs/reading.ts")).capabilitiesList,
  "capabilities show": async () => (await import("./programs/reading.ts")).capabilitiesShow,
  "assets list": async () => (await import("./programs/reading.ts")).assetsList,
  "assets show": async () => (await import("./programs/assets.ts")).assetsShow,
  "assets get": async () => (await import("./programs/assets.ts")).assetsGet,
  "assets delete": async () => (await import("./programs/assets.ts")).assetsDelete,
  "jobs list": async () => (await import("./programs/reading.ts")).jobsList,
  "jobs show": async () => (await import("./programs/jobs.ts")).jobsShow,
  "jobs wait": async () => (await import("./programs/jobs.ts")).jobsWait,
  "jobs cancel": async () => (await import("./programs/jobs.ts")).jobsCancel,
  "activity list": async () => (await import("./programs/reading.ts")).activityList,
  "activity show": async () => (await import("./programs/reading.ts")).activityShow,
  signup: async () => (await import("./programs/signup.ts")).signup,
  "auth status": async () => (await import("./programs/auth.ts")).authStatus,
  "auth save": async () => (await import("./programs/auth.ts")).authSave,
  "auth logout": async () => (await import("./programs/auth.ts")).authLogout,
  whoami: async () => (await import("./programs/reading.ts")).whoami,
  "usage quota": async () => (await import("./programs/reading.ts")).usageQuota,
  "credits methods": async () => (await import("./programs/reading.ts")).creditsMethods,
  "credits packs list": async () => (await import("./programs/reading.ts")).creditsPacks,
  "credits quote": async () => (await import("./programs/credits.ts")).creditsQuote,
  "credits buy": async () => (await import("./programs/credits.ts")).creditsBuy,
  "credits status": async () => (await import("./programs/credits.ts")).creditsStatus,
  "credits fake-purchase": async () => (await import("./programs/credits.ts")).creditsFakePurchase,
  "feedback create": async () => (await import("./programs/feedback.ts")).feedbackCreate,
  serve: async () => (await import("./programs/serve.ts")).serve,
  doctor: async () => (await import("./programs/doctor.ts")).doctor
}
