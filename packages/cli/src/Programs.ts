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
  "assets show": async () => (await import("./programs/assets.ts")).assetsShow,
  "assets get": async () => (await import("./programs/assets.ts")).assetsGet,
  "jobs show": async () => (await import("./programs/jobs.ts")).jobsShow,
  "jobs wait": async () => (await import("./programs/jobs.ts")).jobsWait,
  "activity list": async () => (await import("./programs/reading.ts")).activityList,
  "activity show": async () => (await import("./programs/reading.ts")).activityShow,
  whoami: async () => (await import("./programs/reading.ts")).whoami,
  "usage quota": async () => (await import("./programs/reading.ts")).usageQuota,
  doctor: async () => (await import("./programs/doctor.ts")).doctor
}
