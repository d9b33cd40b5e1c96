import { command, text } from "../Flags.ts"
import { pageFlags } from "./page.ts"

export const activitySubject = text({
  name: "subject",
  valueName: "ID",
  help: "Only events of this job, asset, usage, feedback or trace"
})
export const activityList = command({
  name: "activity list",
  summary: "List what happened, newest first",
  flags: [activitySubject, ...Object.values(pageFlags)],
  examples: ["image-skill activity list --limit 20 --json", "image-skill activity list --subject job_0123 --json"]
})

export const activityShow = command({
  name: "activity show",
  summary: "Show an event, or the events of one subject",
  positionals: [{ name: "REFERENCE", required: true, help: "An event, job, asset, usage, feedback or trace id" }],
  examples: ["image-skill activity show evt_0123456789abcdef --json"]
})
