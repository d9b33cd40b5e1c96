import { boolean, choice, command, integer, text } from "../Flags.ts"

export const modelFilters = {
  operation: choice({
    name: "operation",
    valueName: "OPERATION",
    choices: ["create", "edit", "image.generate", "image.edit", "image.upscale", "image.remove_background"],
    help: "Only models that do this"
  }),
  provider: text({ name: "provider", valueName: "ID", help: "Only models of this provider" }),
  query: text({ name: "query", valueName: "WORDS", help: "Only models that the words fit" }),
  available: boolean({ name: "available", help: "Only models that can run here now" }),
  maxCredits: integer({
    name: "max-credits",
    valueName: "N",
    min: 0,
    max: 1_000_000,
    help: "Only models whose one image costs at most this many credits"
  }),
  sort: choice({
    name: "sort",
    valueName: "ORDER",
    choices: ["quality", "price", "id"],
    help: "The order of the list"
  }),
  limit: integer({ name: "limit", valueName: "N", min: 1, max: 1000, help: "At most this many" }),
  view: choice({
    name: "view",
    valueName: "VIEW",
    choices: ["overview", "find", "list"],
    help: "How much to tell"
  })
}

export const modelsList = command({
  name: "models list",
  aliases: ["models"],
  summary: "List models: what they do, cost and need",
  flags: Object.values(modelFilters),
  examples: ["image-skill models list --available --json", "image-skill models --operation image.edit"]
})

export const modelsShow = command({
  name: "models show",
  summary: "Show one model whole: parameters, limits, price",
  positionals: [{ name: "MODEL_ID", required: true, help: "As in models list" }],
  examples: ["image-skill models show local.procedural --json"]
})
