/** The flags that create and edit share. */
import { limits } from "@image-skill/core/kernel/Limits"
import { boolean, type Flag, integer, json, text, texts, usd, withDefault } from "../Flags.ts"

export const prompt = text({ name: "prompt", valueName: "TEXT", help: "What to make, in words", mayBeEmpty: true })

export const promptFile = text({
  name: "prompt-file",
  valueName: "FILE",
  help: "Read the prompt from a file, - for stdin. One line break at its end is dropped"
})

export const intent = text({
  name: "intent",
  valueName: "WORD",
  help: "What it is for, such as explore or final: guides the choice when no model is named"
})

export const model = text({ name: "model", valueName: "MODEL_ID", help: "Use this model (see models list)" })

export const provider = text({ name: "provider", valueName: "ID", help: "Choose among this provider's models" })

export const modelParameters = json({
  name: "model-parameters-json",
  valueName: "JSON",
  help: "The model's own parameters as a JSON object (see models show MODEL_ID)"
})

export const outputCount = integer({
  name: "output-count",
  valueName: "N",
  min: 1,
  max: limits.outputCountMax,
  help: "How many images to make; a model advertises its maximum"
})

export const maxPerImage = usd({
  name: "max-estimated-usd-per-image",
  help: "Refuse a plan whose provider cost for one image is above this"
})

export const maxUsd = usd({ name: "max-usd", help: "Refuse a plan whose whole debit is above this" })

export const acceptUnknownCost = boolean({
  name: "accept-unknown-cost",
  help: "Agree to a model whose price is only known afterwards; its ceiling is held"
})

export const referenceImage = texts({
  name: "reference-image",
  valueName: "IMAGE[@INDEX[:TASK]]",
  help: "A reference: path, URL or asset id; its place; for some models a task (ip, id, style)"
})

export const elementFrontal = texts({
  name: "element-frontal",
  valueName: "IMAGE[@ELEMENT]",
  help: "The frontal image of an element"
})

export const elementReference = texts({
  name: "element-reference",
  valueName: "IMAGE[@ELEMENT[:SLOT]]",
  help: "Another view of an element"
})

export const dryRun = boolean({
  name: "dry-run",
  help: "Plan and price the request; make nothing, spend nothing"
})

export const output = text({
  name: "output",
  valueName: "FILE",
  help: "Write the image here; with several, -0, -1, … go before the ending. The name may hold {job}, {index}, {ext}, {asset}, {model}"
})

export const overwrite = boolean({ name: "overwrite", help: "Replace the output file when it exists" })

export const idempotencyKey = text({
  name: "idempotency-key",
  valueName: "KEY",
  help: "Names this request: the same key again gives the same result, without paying twice"
})

export const wait = boolean({ name: "wait", help: "Stay until the job has ended, at most 10 minutes" })

export const noWait = boolean({ name: "no-wait", help: "Answer at once with the job; jobs wait waits for it" })

export const open = boolean({
  name: "open",
  help: "Show the written image in this machine's viewer; at a terminal only"
})

export const brief = boolean({
  name: "brief",
  help: "Answer in a few lines of JSON: job, model, cost, images, files"
})

export const guide = boolean({
  name: "guide",
  help: "Spend nothing: say what stands between here and the image, and the one command to run next"
})

/** `1:1` and `auto` are accepted by every model. */
export const aspectRatio = (value: "1:1" | "auto"): Flag<string> =>
  withDefault(text({ name: "aspect-ratio", valueName: "W:H", help: "Width to height, such as 16:9, or auto" }), value)

export const requestFlags: ReadonlyArray<Flag> = [
  prompt,
  promptFile,
  output,
  overwrite,
  model,
  provider,
  intent,
  outputCount,
  modelParameters,
  referenceImage,
  elementFrontal,
  elementReference,
  dryRun,
  maxPerImage,
  maxUsd,
  acceptUnknownCost,
  idempotencyKey,
  wait,
  noWait,
  open,
  brief,
  guide
]
