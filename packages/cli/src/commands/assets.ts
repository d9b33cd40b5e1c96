import { command, required, text } from "../Flags.ts"
import { overwrite } from "./request.ts"

const reference = { name: "ASSET", required: true, help: "An asset id, or the URL of an asset of this server" }

export const assetOutput = required(text({ name: "output", valueName: "FILE", help: "Write the image here" }))

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
