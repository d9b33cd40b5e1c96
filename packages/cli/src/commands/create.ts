import { command } from "../Flags.ts"
import { aspectRatio, prompt, promptFile, requestFlags } from "./request.ts"

export const createAspectRatio = aspectRatio("1:1")

export const create = command({
  name: "create",
  summary: "Make an image from words",
  description:
    "Without --model the strongest model that is available for the intent and the budget is chosen, and the answer says why. The price is known before anything is spent: --dry-run shows it.",
  flags: [...requestFlags, createAspectRatio],
  needs: [[prompt, promptFile]],
  examples: [
    'image-skill create --prompt "misty mountains at sunset, screen print" --output sunset.png',
    'image-skill create --prompt "a red bicycle" --aspect-ratio 16:9 --dry-run --json',
    'image-skill create --model local.procedural --prompt "deep sea" --model-parameters-json \'{"seed":7}\' --output sea.png'
  ]
})
