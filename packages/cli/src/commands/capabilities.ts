import { command } from "../Flags.ts"

export const capabilitiesList = command({
  name: "capabilities list",
  aliases: ["capabilities"],
  summary: "List capabilities: the same catalogue by what can be done",
  examples: ["image-skill capabilities list --json"]
})

export const capabilitiesShow = command({
  name: "capabilities show",
  summary: "Show one capability",
  positionals: [{ name: "CAPABILITY_ID", required: true, help: "As in capabilities list" }],
  examples: ["image-skill capabilities show is.image.generate.local-procedural.v1 --json"]
})
