import { command, integer, text, withDefault } from "../Flags.ts"
import { aspectRatio, guide, prompt, promptFile, requestFlags } from "./request.ts"

export const createAspectRatio = aspectRatio("1:1")

export const batch = text({
  name: "batch",
  valueName: "FILE",
  help: "Make many: JSON {defaults, items}, a JSON array, or an item a line; - for stdin. All is priced before anything is spent"
})

export const batchId = text({
  name: "batch-id",
  valueName: "ID",
  help: "Names the batch: the same id again takes it up where it was, without paying twice"
})

export const concurrency = withDefault(
  integer({ name: "concurrency", valueName: "N", min: 1, max: 16, help: "Items of a batch that are made at a time" }),
  4
)

export const create = command({
  name: "create",
  summary: "Make an image from words",
  description:
    "Without --model the strongest model that is available for the intent and the budget is chosen, and the answer says why. The price is known before anything is spent: --dry-run shows it, --guide says what is missing. An item of a batch has the fields of POST /v1/create, and may have an id and an output; flags stand for what all items share, and --max-usd is for the whole batch. A batch ends with one answer and exit 0 when every item is completed; else with the code and the exit of the first item that failed, and what became of each in error.details.batch.",
  flags: [...requestFlags, createAspectRatio, batch, batchId, concurrency],
  needs: [[prompt, promptFile, batch, guide]],
  examples: [
    'image-skill create --prompt "misty mountains at sunset, screen print" --output sunset.png',
    'image-skill create --prompt "a red bicycle" --aspect-ratio 16:9 --dry-run --json',
    'image-skill create --prompt "a red bicycle" --guide --json',
    'image-skill create --model local.procedural --prompt "deep sea" --model-parameters-json \'{"seed":7}\' --output sea.png',
    'image-skill create --batch items.json --output "{item}.{ext}" --max-usd 2 --json'
  ]
})
