import { command, integer, text } from "../Flags.ts"

export const activityLimit = integer({
  name: "limit",
  valueName: "N",
  min: 1,
  max: 200,
  help: "At most this many events (the server's default is 20)"
})
export const activitySubject = text({
  name: "subject",
  valueName: "ID",
  help: "Only events of this job, asset, usage, feedback or trace"
})
export const activityCursor = text({
  name: "cursor",
  valueName: "CURSOR",
  help: "Go on after the page whose next_cursor this is"
})

export const activityList = command({
  name: "activity list",
  summary: "List what happened, newest first",
  flags: [activityLimit, activitySubject, activityCursor],
  examples: ["image-skill activity list --limit 20 --json", "image-skill activity list --subject job_0123 --json"]
})

export const activityShow = command({
  name: "activity show",
  summary: "Show an event, or the events of one subject",
  positionals: [{ name: "REFERENCE", required: true, help: "An event, job, asset, usage, feedback or trace id" }],
  examples: ["image-skill activity show evt_0123456789abcdef --json"]
})
