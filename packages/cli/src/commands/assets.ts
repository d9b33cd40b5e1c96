import { command, required, text } from "../Flags.ts"
import { pageFlags } from "./page.ts"
import { overwrite } from "./request.ts"

const reference = { name: "ASSET", required: true, help: "An asset id, or the URL of an asset of this server" }

export const assetOutput = required(text({ name: "output", valueName: "FILE", help: "Write the image here" }))

export const assetsListFlags = {
  ...pageFlags,
  job: text({ name: "job-id", valueName: "JOB_ID", help: "Only assets of this job" }),
  kind: text({ name: "kind", valueName: "KIND", help: "Only assets of this kind, such as uploaded" })
}

export const assetsList = command({
  name: "assets list",
  summary: "List assets, newest first",
  flags: Object.values(assetsListFlags),
  examples: [
    "image-skill assets list --limit 20 --json",
    "image-skill assets list --job-id job_0123456789abcdef --json"
  ]
})

export const assetsDelete = command({
  name: "assets delete",
  summary: "Delete an asset and its bytes, for good",
  positionals: [reference],
  examples: ["image-skill assets delete image_0123456789abcdef --json"]
})

export const assetsShow = command({
  name: "assets show",
  summary: "Show an asset",
  positionals: [reference],
  examples: ["image-skill assets show image_0123456789abcdef --json"]
})

export const assetsGet = command({
  name: "assets get",
  summary: "Download an asset to a file",
  description: "The bytes are checked against the length and the hash that the server names.",
  positionals: [reference],
  flags: [assetOutput, overwrite],
  examples: ["image-skill assets get image_0123456789abcdef --output ./result.png --json"]
})
