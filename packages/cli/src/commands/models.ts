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
    choices: ["quality", "price", "latency", "id"],
    help: "The order of the list: strongest, cheapest or fastest first, or by id"
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

export const modelsOverview = command({
  name: "models overview",
  summary: "The catalogue on one screen: the best model for each thing, its price, and the command to run",
  description:
    "Under 2 KB of JSON. `best` is what create and edit would choose by themselves for an intent, as this machine is set up; `needs` names the settings that a provider lacks.",
  examples: ["image-skill models overview --json"]
})

export const modelsFind = command({
  name: "models find",
  summary: "Find models by words: terse rows, the best fit first",
  description:
    "Words are looked for in ids, operations, tags, names and summaries. Eight rows, unless --limit says otherwise.",
  positionals: [{ name: "QUERY...", required: false, help: "Words, such as upscale, vector or text" }],
  flags: [
    modelFilters.operation,
    modelFilters.provider,
    modelFilters.maxCredits,
    modelFilters.available,
    modelFilters.sort,
    modelFilters.limit
  ],
  examples: [
    'image-skill models find "remove background" --sort price --json',
    "image-skill models find vector --max-credits 10 --limit 3 --json"
  ]
})

export const modelsShow = command({
  name: "models show",
  summary: "Show one model whole: parameters, limits, price",
  positionals: [{ name: "MODEL_ID", required: true, help: "As in models list" }],
  examples: ["image-skill models show local.procedural --json"]
})
