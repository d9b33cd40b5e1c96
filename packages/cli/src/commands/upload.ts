import { command, text } from "../Flags.ts"

export const uploadInput = text({ name: "input", valueName: "IMAGE", help: "The same as the argument" })

export const upload = command({
  name: "upload",
  summary: "Take an image in, for later edits",
  description: "PNG, JPEG, WebP, GIF or AVIF, up to 20 MiB. A URL is fetched here, not by the server.",
  positionals: [{ name: "IMAGE", required: false, help: "A path or a URL" }],
  flags: [uploadInput],
  examples: ["image-skill upload ./source.png --json", "image-skill upload https://example.com/source.png --json"]
})
