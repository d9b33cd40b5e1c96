import { command } from "../Flags.ts"

export const whoami = command({
  name: "whoami",
  summary: "Show who acts, for which organization, with which grants",
  examples: ["image-skill whoami --json"]
})

export const usageQuota = command({
  name: "usage quota",
  aliases: ["quota"],
  summary: "Show credits and limits before spending",
  examples: ["image-skill usage quota --json"]
})
